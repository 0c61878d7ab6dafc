"""Decisions by an officer's ruling."""

import pytest

from services.eligibility.handlers import Decider, ruling_by
from services.eligibility.rules.catalogue import REASONS
from services.eligibility.rules.histories import Histories
from services.eligibility.rules.outlook import Outlooks
from services.eligibility.rules.programme import load_programme
from tests.eligibility.rulings import a_ruling
from tests.factories import NOW, a_submission, an_event

PROGRAMME = load_programme()
DECIDER = Decider(PROGRAMME, NOW, Histories(), Outlooks(PROGRAMME))
rule = ruling_by(PROGRAMME)


def a_decision(stream: str = "new-technology", **changes):
    changes.setdefault("factory", {"industry": "other"})
    return DECIDER.fact(an_event(a_submission(stream, **changes))).decision


def codes(decided) -> list[str]:
    return [reason.code for reason in decided.reasons]


def test_an_approval_grants_what_the_terms_give():
    referred = a_decision(project={"cost_cents": 100_000_01})

    ruled = rule(referred, a_ruling(referred))

    assert (referred.outcome, referred.grant_cents) == ("referred", None)
    assert (ruled.outcome, ruled.grant_cents) == ("eligible", 50_000_00)
    assert codes(ruled) == [
        "industry-not-priority",
        "approved-by-officer",
        "grant-is-share",
        "site-visited",
    ]


def test_a_refusal_grants_nothing_and_says_so():
    referred = a_decision()

    ruled = rule(referred, a_ruling(referred, approved=False))

    assert (ruled.outcome, ruled.grant_cents, ruled.conditions) == ("ineligible", 0, ())
    assert codes(ruled) == ["industry-not-priority", "refused-by-officer", "site-visited"]


def test_a_refusal_by_an_officer_does_not_speak_of_the_grant():
    submitted = a_submission("organisation-support", received_at=NOW.replace(year=2018))
    referred = DECIDER.fact(an_event(submitted)).decision
    unsettled = rule(referred, a_ruling(referred))

    refused = rule(referred, a_ruling(referred, approved=False))

    assert codes(referred) == ["share-not-set", "ceiling-not-set"]
    assert "amount-not-ruled" in codes(unsettled)
    assert codes(refused) == ["refused-by-officer", "site-visited"]


@pytest.mark.parametrize(
    ("adjusted", "cost", "grant", "said"),
    [
        (80_000_00, 80_000_00, 40_000_00, True),
        (120_000_00, 100_000_00, 50_000_00, False),  # an adjustment never raises
    ],
)
def test_an_adjusted_cost_lowers_the_grant(adjusted, cost, grant, said):
    referred = a_decision()

    ruled = rule(referred, a_ruling(referred, adjusted_cost_cents=adjusted))

    assert (ruled.eligible_cost_cents, ruled.grant_cents) == (cost, grant)
    assert ("cost-adjusted" in codes(ruled)) is said


def test_an_amount_that_an_officer_sets_stays_below_a_known_ceiling():
    referred = a_decision(project={"cost_cents": 200_000_000})

    ruled = rule(referred, a_ruling(referred, grant_cents=90_000_000))

    assert (ruled.grant_cents, ruled.ceiling_cents) == (65_000_000, 65_000_000)
    assert "amount-set-by-officer" in codes(ruled)


@pytest.mark.parametrize(
    ("set_cents", "adjusted_cents", "grant_cents", "told"),
    [
        (None, None, 40_000_00, ["grant-is-sum-asked-for"]),
        (None, 70_000_00, 35_000_00, ["cost-adjusted", "grant-is-share"]),
        (45_000_00, None, 40_000_00, ["amount-set-by-officer", "grant-is-sum-asked-for"]),
        (40_000_00, None, 40_000_00, ["amount-set-by-officer"]),
        (39_999_99, None, 39_999_99, ["amount-set-by-officer"]),
    ],
)
def test_a_ruling_grants_no_more_than_the_sum_asked_for(
    set_cents, adjusted_cents, grant_cents, told
):
    project = {"cost_cents": 100_000_00, "requested_cents": 40_000_00}
    referred = a_decision(project=project)
    ruling = a_ruling(referred, grant_cents=set_cents, adjusted_cost_cents=adjusted_cents)

    ruled = rule(referred, ruling)

    assert (referred.requested_cents, ruled.requested_cents) == (40_000_00, 40_000_00)
    assert (referred.indicative_grant_cents, ruled.grant_cents) == (40_000_00, grant_cents)
    assert codes(ruled)[2:-1] == told


def test_an_amount_that_no_terms_give_is_not_more_than_the_sum_asked_for_either():
    project = {"requested_cents": 50_000_00}
    at = NOW.replace(year=2022)
    submitted = a_submission("organisation-support", received_at=at, project=project)
    referred = DECIDER.fact(an_event(submitted)).decision

    settled = rule(referred, a_ruling(referred, grant_cents=60_000_00))

    assert (settled.outcome, settled.grant_cents) == ("eligible", 50_000_00)


def test_an_approval_without_an_amount_stays_referred_where_the_terms_give_none():
    submitted = a_submission("organisation-support", received_at=NOW.replace(year=2022))
    referred = DECIDER.fact(an_event(submitted)).decision

    ruled = rule(referred, a_ruling(referred))
    settled = rule(referred, a_ruling(referred, grant_cents=60_000_00))

    assert (ruled.outcome, codes(ruled)[-2]) == ("referred", "amount-not-ruled")
    assert (settled.outcome, settled.grant_cents) == ("eligible", 60_000_00)


def test_a_ruling_leads_to_a_decision_with_a_key_of_its_own():
    referred = a_decision()
    ruled = rule(referred, a_ruling(referred))

    assert ruled.idempotency_key == f"{referred.idempotency_key}.R-1"
    assert ruled.decided_at == NOW.replace(hour=9)
    assert set(REASONS) >= {"approved-by-officer", "refused-by-officer"}
