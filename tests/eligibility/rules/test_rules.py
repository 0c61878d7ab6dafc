"""Who may be funded, and how much: worked cases, boundaries, and every reason.

S marks are the sources of docs/sources.md. Costs and grants in the tables are whole dollars.
"""

from datetime import date
from decimal import Decimal

import pytest

from services.eligibility.rules.rules import decide
from tests.eligibility.phases import PROGRAMME, decided
from tests.factories import an_application

DEMONSTRATION = {"2": "demonstration", "3": "demonstration", "4": "demonstration-ii"}
EXPLANATIONS = {"grant-is-share", "grant-is-ceiling"}


def explained(cost, grant):
    return ("grant-is-share" if cost == 2 * grant else "grant-is-ceiling",)


@pytest.mark.parametrize(
    ("phase", "stream", "cost", "grant", "source"),
    [
        ("2", "assessment", 40_000, 20_000, "S14"),
        ("2", "assessment", 50_000, 25_000, "S14"),
        ("2", "assessment", 60_000, 25_000, "S14"),
        ("2", "demonstration", 500_000, 250_000, "S14"),
        ("2", "demonstration", 700_000, 300_000, "S14"),
        ("3", "assessment", 40_000, 20_000, "S1"),
        ("3", "assessment", 60_000, 28_000, "S1"),
        ("3", "demonstration", 600_000, 300_000, "S1"),
        ("3", "demonstration", 700_000, 330_000, "S1"),
        ("4", "assessment", 80_000, 40_000, "S9"),
        ("4", "assessment", 90_000, 45_000, "S9"),
        ("4", "assessment", 100_000, 45_000, "S9"),
        ("4", "demonstration-i", 800_000, 400_000, "S9"),
        ("4", "demonstration-i", 1_000_000, 450_000, "S9"),
        ("4", "demonstration-ii", 1_000_000, 500_000, "S9"),
        ("4", "demonstration-ii", 1_400_000, 650_000, "S9"),
    ],
)
def test_the_grant_is_half_the_cost_up_to_the_ceiling(phase, stream, cost, grant, source):
    decision = decided(phase, stream, project={"cost_cents": cost * 100})

    assert (decision.outcome, decision.phase) == ("eligible", phase), source
    assert (decision.grant_cents, decision.reasons) == (grant * 100, explained(cost, grant))


@pytest.mark.parametrize(
    ("developer", "cost", "grant"),
    [  # S10
        ("others", 1_400_000, 650_000),
        ("hong-kong", 1_400_000, 700_000),
        ("hong-kong", 1_600_000, 750_000),
        ("hong-kong-and-guangdong", 1_400_000, 700_000),
        ("hong-kong-and-guangdong", 1_600_000, 750_000),
    ],
)
def test_technology_of_hong_kong_or_of_both_sides_has_the_higher_ceiling(developer, cost, grant):
    technology, project = {"developed_by": developer}, {"cost_cents": cost * 100}

    decision = decided("5", "new-technology", technology=technology, project=project)

    assert (decision.grant_cents, decision.reasons) == (grant * 100, explained(cost, grant))


@pytest.mark.parametrize(
    ("phase", "stream", "indicative_cents", "reasons", "source"),
    [
        ("2", "verification", None, ("share-not-set",), "S14"),
        ("3", "organisation-support", None, ("share-not-set", "ceiling-not-set"), "S1"),
        ("4", "organisation-support", 9_000_000, ("ceiling-not-set",), "S9"),
    ],
)
def test_an_amount_that_no_source_gives_is_for_an_officer(
    phase, stream, indicative_cents, reasons, source
):
    decision = decided(phase, stream, project={"cost_cents": 100_000_00})

    assert (decision.outcome, decision.grant_cents) == ("referred", None), source
    assert (decision.indicative_grant_cents, decision.reasons) == (indicative_cents, reasons)


@pytest.mark.parametrize(
    ("cost_cents", "grant_cents"),
    [(1, 0), (2, 1), (3, 1), (4_999_999, 2_499_999), (5_000_001, 2_500_000), (10**11, 2_500_000)],
)
def test_half_a_cent_is_dropped(cost_cents, grant_cents):
    decision = decided("2", "assessment", project={"cost_cents": cost_cents})

    assert decision.grant_cents == grant_cents


@pytest.mark.parametrize(
    ("phase", "stream"),
    [
        ("2", "demonstration-i"),
        ("2", "organisation-support"),
        ("3", "verification"),
        ("3", "new-technology"),
        ("4", "demonstration"),
        ("4", "verification"),
        ("5", "assessment"),
        ("5", "organisation-support"),
    ],
)
def test_a_stream_of_another_phase_is_refused(phase, stream):
    decision = decided(phase, stream)

    assert (decision.outcome, decision.reasons) == ("ineligible", ("stream-not-in-phase",))


@pytest.mark.parametrize("phase", ["2", "3", "4"])
def test_a_workshop_gets_demonstrations_only(phase):  # S11, S14
    workshop = {
        "connection": {"ground": "3", "processes": ["paint-spraying-and-curing"]},
        "factory": {"place": "hong-kong"},
    }

    assessment = decided(phase, "assessment", **workshop)
    demonstration = decided(phase, DEMONSTRATION[phase], **workshop)

    assert assessment.outcome == "ineligible"
    assert "workshop-gets-demonstration-only" in assessment.reasons
    assert demonstration.outcome == "eligible"


@pytest.mark.parametrize(
    ("mainland", "hong_kong", "same_resident", "refusals"),
    [  # S11: more than 50 %, at least 30 %, the same person
        ("50", "30", True, {"mainland-share-too-low"}),
        ("50.01", "30", True, set()),
        ("50.0001", "30", True, set()),
        ("60", "29.99", True, {"hong-kong-share-too-low"}),
        ("60", "29.9999", True, {"hong-kong-share-too-low"}),
        ("60", "30", False, {"shares-of-different-persons"}),
        ("50", "29.99", True, {"mainland-share-too-low", "hong-kong-share-too-low"}),
        ("100", "100", True, set()),
    ],
)
def test_the_same_resident_must_hold_enough_shares_on_both_sides(
    mainland, hong_kong, same_resident, refusals
):
    connection = {
        "ground": "1d",
        "mainland_share_percent": Decimal(mainland),
        "hong_kong_share_percent": Decimal(hong_kong),
        "same_resident": same_resident,
    }

    decision = decided("3", "assessment", connection=connection)

    assert (decision.outcome == "ineligible") == bool(refusals)
    assert set(decision.reasons) - EXPLANATIONS == refusals


@pytest.mark.parametrize("phase", ["2", "3", "4"])
def test_a_factory_outside_the_eight_industries_is_referred_and_not_refused(phase):  # S10
    decision = decided(phase, "assessment", factory={"industry": "other"})

    assert (decision.outcome, decision.grant_cents) == ("referred", None)
    assert "industry-not-priority" in decision.reasons


@pytest.mark.parametrize(
    ("stream", "changes", "reason", "source"),
    [
        (
            "assessment",
            {"connection": {"ground": "1c", "agreement_subsists": False}},
            "agreement-not-subsisting",
            "S11",
        ),
        ("assessment", {"factory": {"place": "hong-kong"}}, "factory-not-in-guangdong", "S11"),
        ("assessment", {"connection": {"ground": "2"}}, "factory-not-in-hong-kong", "S11"),
        (
            "organisation-support",
            {"organisation": {"kind": "other"}},
            "not-a-trade-association",
            "S1",
        ),
        (
            "organisation-support",
            {"organisation": {"based_in_hong_kong": False}},
            "organisation-not-in-hong-kong",
            "S1",
        ),
    ],
)
def test_an_applicant_without_the_connection_is_refused(stream, changes, reason, source):
    decision = decided("4", stream, **changes)

    assert (decision.outcome, decision.grant_cents) == ("ineligible", 0), source
    assert reason in decision.reasons


def test_a_technology_off_the_list_is_judged_by_the_approval_criteria():  # S10
    decision = decided("5", "new-technology", technology={"on_technology_list": False})

    assert decision.outcome == "referred"
    assert "technology-not-listed" in decision.reasons


def test_a_refusal_gives_every_reason_at_once():
    decision = decide(
        an_application(
            "assessment",
            connection={"ground": "3", "processes": ["other"]},
            factory={"place": "elsewhere", "industry": "other"},
        ),
        date(2015, 5, 1),
        PROGRAMME,
    )

    assert decision.outcome == "ineligible"
    assert decision.reasons == (
        "no-open-phase",
        "factory-not-in-hong-kong",
        "workshop-gets-demonstration-only",
    )


def test_a_refusal_gives_no_reason_about_the_grant():
    decision = decided("3", "assessment", connection={"ground": "2"})

    assert decision.reasons == ("factory-not-in-hong-kong",)


@pytest.mark.parametrize(
    ("name", "claimed", "outcome"),
    [("Listed", False, "eligible"), ("Another", True, "referred")],
)
def test_a_technology_list_counts_more_than_the_claim(name, claimed, outcome):
    phase = PROGRAMME.phases[-1]
    terms = phase.streams[0].model_copy(update={"technology_list": ("Listed",)})
    listed = PROGRAMME.model_copy(
        update={"phases": (phase.model_copy(update={"streams": (terms,)}),)}
    )
    application = an_application(
        "new-technology", technology={"name": name, "on_technology_list": claimed}
    )

    assert decide(application, date(2026, 6, 3), listed).outcome == outcome
