"""From a batch of records to stored and announced decisions."""

from datetime import date, datetime
from pathlib import Path

import orjson
import pytest

from services.recognition.rules import catalogue
from services.recognition.rules.catalogue import HOLD_REASONS, REASONS, STEP_REASONS
from services.recognition.rules.rules import REASON_CODES
from services.recognition.rules.scheme import load_scheme
from shared.decisions.reasons import load_reasons
from shared.events.recognition import RecognitionDecided
from tests.factories import a_record, a_submission, raw_record
from tests.recognition.rulings import IN_ROUND, a_candidacy

SCHEME = load_scheme()


async def test_a_candidacy_is_announced_with_every_field_of_its_contract(service):
    submission = a_candidacy(measures_implemented=0)

    [outgoing] = await service.handle(a_record(submission))

    decided = RecognitionDecided.model_validate_json(outgoing.value, extra="forbid")
    assert outgoing.topic == "recognition.decisions.v1"
    assert outgoing.key == submission.application_id.encode()
    assert (decided.outcome, decided.round_year) == ("not-qualified", 2025)
    assert [reason.code for reason in decided.reasons] == ["too-few-measures"]
    assert (decided.received_at, decided.rule_version) == (IN_ROUND, SCHEME.version)


async def test_a_repeat_is_announced_with_the_same_bytes(service):
    store = a_record(a_candidacy())

    first = await service.handle(store)
    again = await service.handle(store)

    assert again == first


async def test_one_version_delivered_under_two_event_ids_is_decided_once(service):
    submission = a_candidacy()

    [outgoing] = await service.handle(a_record(submission), a_record(submission, offset=1))

    assert await service.handle(a_record(submission, offset=2)) == [outgoing]


async def test_decisions_are_counted_by_category_outcome_and_reason(service):
    await service.handle(
        a_record(a_candidacy()),
        a_record(a_candidacy(), offset=1),
        a_record(a_candidacy(measures_implemented=0), offset=2),
    )

    def counted(name, **labels):
        found = {"service": "recognition", **labels}
        return service.metrics.registry.get_sample_value(name, found)

    of_partners = {"scheme": "partner-manufacturing", "rule_version": SCHEME.version}
    assert counted("cppp_decisions_total", outcome="qualified", **of_partners) == 2
    assert counted("cppp_decisions_total", outcome="not-qualified", **of_partners) == 1
    assert counted("cppp_decision_reasons_total", reason_code="too-few-measures") == 1
    assert counted("cppp_rules_info", rule_version=SCHEME.version) == 1


async def test_an_application_for_funding_is_skipped(service):
    assert await service.handle(a_record(a_submission("assessment"))) == []


@pytest.mark.parametrize(
    ("received_at", "round_year"),
    [
        ("2026-02-28T15:59:59.999Z", None),
        ("2026-02-28T16:00:00Z", 2026),
        ("2026-02-28T11:00:00-05:00", 2026),
        ("2026-07-31T23:59:59.999+08:00", 2026),
        ("2026-07-31T16:00:00Z", None),
    ],
)
async def test_the_day_of_receipt_is_that_in_hong_kong(service, received_at, round_year):
    submission = a_candidacy(datetime.fromisoformat(received_at))

    [outgoing] = await service.handle(a_record(submission))

    assert orjson.loads(outgoing.value)["round_year"] == round_year


async def test_a_malformed_record_does_not_stop_the_others(service):
    poison = raw_record(b"\xff not JSON", [("ce_type", b"ApplicationSubmitted")])

    published = await service.handle(poison, a_record(a_candidacy(), offset=1))

    decided, dead = published
    assert decided.topic == "recognition.decisions.v1"
    assert (dead.topic, dead.value) == ("recognition.dead-letters.v1", poison.value)


@pytest.mark.parametrize(
    "reason", [*REASONS.values(), *STEP_REASONS.values(), *HOLD_REASONS.values()]
)
def test_every_reason_has_its_sentences(reason):
    assert all((reason.source, reason.en, reason.zh_hant, reason.zh_hans))


def test_every_sentence_belongs_to_a_reason_that_can_be_given():
    file = Path(catalogue.__file__).with_name("reasons.toml")

    assert set(REASONS) == REASON_CODES
    assert set(load_reasons(file)) == REASON_CODES | set(STEP_REASONS) | set(HOLD_REASONS)


async def test_an_open_candidacy_has_the_day_by_which_its_first_step_is_due(service):
    [outgoing] = await service.handle(a_record(a_candidacy()))

    decided = RecognitionDecided.model_validate_json(outgoing.value, extra="forbid")
    assert (decided.next_step, decided.next_step_working_days) == ("document-check", 20)
    # From Friday 12 September 2025; not counted: 1, 7 October (National Day, the day after the
    # Mid-Autumn Festival).
    assert (decided.next_step_by, decided.next_step_calendar) == (date(2025, 10, 14), "hong-kong")


async def test_a_closed_candidacy_has_no_next_step(service):
    [outgoing] = await service.handle(a_record(a_candidacy(measures_implemented=0)))

    decided = RecognitionDecided.model_validate_json(outgoing.value, extra="forbid")
    assert (decided.next_step, decided.next_step_by) == (None, None)
