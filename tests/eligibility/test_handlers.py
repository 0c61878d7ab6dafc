"""From an application's event to the decision's event."""

from datetime import datetime

import orjson
import pytest

from services.eligibility.handlers import PARSERS, Decider, announce
from services.eligibility.rules.catalogue import REASONS
from services.eligibility.rules.decision import FundingDecision
from services.eligibility.rules.histories import Histories
from services.eligibility.rules.outlook import Outlooks
from services.eligibility.rules.programme import load_programme
from services.eligibility.rules.rules import REFERRALS, REFUSALS
from shared.decisions.model import Proposal
from shared.decisions.shared_values import Reasons, SharedMapping
from shared.events.eligibility import EligibilityDecided
from tests.contracts.releases import RELEASES, recorded_events
from tests.factories import NOW, a_submission, an_event

PROGRAMME = load_programme()


def proposal_for(stream: str = "new-technology", **changes):
    return fact_of(a_submission(stream, **changes), traceparent="00-1-2-01")


def fact_of(data, *, now=NOW, **attributes):
    """Decide one event, without any stored history."""
    decider = Decider(PROGRAMME, now, Histories(), Outlooks(PROGRAMME))
    return decider.fact(an_event(data, **attributes))


def test_a_decision_is_announced_with_every_field_of_its_contract():
    proposal = proposal_for()

    outgoing = announce(proposal)

    decided = EligibilityDecided.model_validate_json(outgoing.value, extra="forbid")
    assert (decided.outcome, decided.grant_cents, decided.phase) == ("eligible", 5_000_000, "5")
    assert [reason.code for reason in decided.reasons] == ["grant-is-share"]
    assert outgoing.key == decided.application_id.encode()
    assert dict(outgoing.headers)["traceparent"] == b"00-1-2-01"


def test_the_event_id_follows_from_the_application_and_its_version_alone():
    submitted = a_submission("new-technology")
    first, later = fact_of(submitted), fact_of(submitted, now=NOW.replace(hour=5))

    assert dict(announce(first).headers)["ce_id"] == dict(announce(later).headers)["ce_id"]


def test_the_sum_asked_for_is_announced_with_the_grant():
    proposal = proposal_for(project={"requested_cents": 4_000_000})

    decided = EligibilityDecided.model_validate_json(announce(proposal).value)

    assert (decided.grant_cents, decided.requested_cents) == (4_000_000, 4_000_000)
    assert [reason.code for reason in decided.reasons] == ["grant-is-sum-asked-for"]


RECORDED = [
    each
    for release in RELEASES
    for each in recorded_events(release)
    if each.type == EligibilityDecided.__name__
]


@pytest.mark.parametrize("recorded", RECORDED)
def test_a_decision_of_an_earlier_release_is_announced_with_the_bytes_that_it_had(recorded):
    data = orjson.loads(recorded.value)
    data |= {name: Reasons.read(data[name]) for name in ("reasons", "conditions")}
    moments = ("received_at", "decided_at")
    data |= {name: datetime.fromisoformat(data[name]) for name in moments}
    data["outlook"] = data["outlook"] and SharedMapping(data["outlook"])

    assert announce(Proposal(FundingDecision(**data))).value == recorded.value


def test_a_candidacy_for_a_label_is_skipped():
    assert proposal_for("recognition") is None


@pytest.mark.parametrize("refusal_or_referral", sorted(REFUSALS | REFERRALS))
def test_every_reason_of_the_rules_has_its_sentences(refusal_or_referral):
    reason = REASONS[refusal_or_referral]

    assert all((reason.source, reason.en, reason.zh_hant, reason.zh_hans))


def test_a_value_outside_the_contract_is_refused_by_the_parser():
    value = orjson.dumps({**orjson.loads(a_submission().model_dump_json()), "version": "1"})

    with pytest.raises(ValueError, match="version"):
        PARSERS["ApplicationSubmitted"](value)
