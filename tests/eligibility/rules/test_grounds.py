"""Which grounds connect an applicant with a factory, and what several of them come to (S11)."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.eligibility.rules.rules import REFUSALS, decide
from tests.eligibility.phases import IN_PHASE, PROGRAMME
from tests.eligibility.strategies import applications, connections, days
from tests.factories import an_application

VENTURES = {"equity-joint-venture", "co-operative-joint-venture"}
FOREIGN_OWNED = {"wholly-foreign-owned-enterprise"}
OF_MAINLAND = VENTURES | FOREIGN_OWNED | {"other-mainland-enterprise"}
HOLDERS = sorted(OF_MAINLAND | {"applicant", "other"})
SHARES = {
    "ground": "1d",
    "mainland_share_percent": "50.01",
    "hong_kong_share_percent": "30",
    "same_resident": True,
}
GROUNDS = {
    "1a": {"ground": "1a"},
    "1b": {"ground": "1b"},
    "1c": {"ground": "1c", "agreement_subsists": True},
    "1d": SHARES,
    "2": {"ground": "2"},
    "3": {"ground": "3", "processes": ["paint-spraying-and-curing"]},
}
ENDED = {"ground": "1c", "agreement_subsists": False}
NO_CAPITAL = {"ground": "1b", "applicant_gives_capital": False}


def decided(connection, *further, stream="demonstration", **factory):
    place = "hong-kong" if connection["ground"] in {"2", "3"} else "guangdong"
    application = an_application(
        stream,
        connection=connection,
        further_grounds=list(further),
        factory={"place": place, **factory},
    )
    return decide(application, IN_PHASE["3"], PROGRAMME)


def refusals_of(decision) -> set[str]:
    return set(decision.reasons) & REFUSALS


@pytest.mark.parametrize("holder", HOLDERS)
@pytest.mark.parametrize(
    ("ground", "holders", "refusal"),
    [
        ("1a", VENTURES, "site-not-of-joint-venture"),
        ("1b", FOREIGN_OWNED, "site-not-of-foreign-owned-enterprise"),
        ("1c", OF_MAINLAND, "site-not-of-mainland-enterprise"),
        ("1d", OF_MAINLAND, "site-not-of-mainland-enterprise"),
        ("2", {"applicant"}, "site-not-of-applicant"),
        ("3", {"applicant"}, "site-not-of-applicant"),
    ],
)
def test_each_ground_asks_for_its_own_owner_and_operator(ground, holders, refusal, holder):
    expected = set() if holder in holders else {refusal}
    fitting = min(holders)

    for site in (
        {"owned_by": holder},
        {"operated_by": holder},
        {"owned_by": holder, "operated_by": fitting},
        {"owned_by": fitting, "operated_by": holder},
    ):
        assert refusals_of(decided(GROUNDS[ground], **site)) == expected


@pytest.mark.parametrize("ground", GROUNDS)
def test_what_is_not_stated_about_a_ground_is_not_judged(ground):
    assert decided(GROUNDS[ground]).outcome == "eligible"


@pytest.mark.parametrize(
    ("ground", "fact", "refusal"),
    [
        ("1a", "applicant_is_party", "not-party-to-joint-venture"),
        ("1b", "applicant_gives_capital", "no-capital-from-applicant"),
        ("1c", "applicant_is_party", "not-party-to-agreement"),
        ("1d", "holder_is_natural_person", "holder-not-natural-person"),
        ("1d", "holder_is_hong_kong_resident", "holder-not-hong-kong-resident"),
    ],
)
def test_a_fact_that_a_ground_depends_on_must_be_so(ground, fact, refusal):
    assert decided(GROUNDS[ground] | {fact: True}).outcome == "eligible"

    refused = decided(GROUNDS[ground] | {fact: False})

    assert (refused.outcome, refused.grant_cents, refused.reasons) == ("ineligible", 0, (refusal,))


def test_a_company_that_resides_elsewhere_fails_twice():
    company = {"holder_is_natural_person": False, "holder_is_hong_kong_resident": False}

    assert decided(SHARES | company).reasons == (
        "holder-not-natural-person",
        "holder-not-hong-kong-resident",
    )


@pytest.mark.parametrize(
    "grounds",
    [
        (ENDED, SHARES),
        (SHARES, ENDED),
        (ENDED, NO_CAPITAL, SHARES),
        (ENDED, SHARES, NO_CAPITAL),
        ({"ground": "2"}, ENDED),
    ],
)
def test_one_ground_that_holds_is_enough(grounds):
    decision = decided(*grounds)

    assert (decision.outcome, decision.reasons) == ("eligible", ("grant-is-share",))


def test_without_a_ground_that_holds_the_reasons_of_each_are_given_once():
    decision = decided(ENDED, NO_CAPITAL, {"ground": "2"}, NO_CAPITAL)

    assert (decision.outcome, decision.grant_cents) == ("ineligible", 0)
    assert decision.reasons == (
        "agreement-not-subsisting",
        "no-capital-from-applicant",
        "factory-not-in-hong-kong",
    )


def test_a_ground_without_an_open_question_counts_more_than_one_with():
    workshop = {"ground": "3", "processes": ["other"]}

    assert decided(workshop, {"ground": "2"}).outcome == "eligible"
    assert decided({"ground": "2"}, workshop).outcome == "eligible"
    asked = decided(workshop, ENDED)
    assert asked.outcome == "referred"
    assert asked.reasons == ("workshop-process-not-listed", "grant-is-share")


def test_a_workshop_may_be_assessed_on_another_ground():
    assert decided(GROUNDS["3"], stream="assessment").outcome == "ineligible"
    assert decided(GROUNDS["3"], GROUNDS["2"], stream="assessment").outcome == "eligible"


ORDER = {"ineligible": 0, "referred": 1, "eligible": 2}


@given(applications, days, st.lists(connections, min_size=1, max_size=3))
def test_a_further_ground_never_makes_an_application_worse_off(application, day, further):
    assume(application.stream != "organisation-support")  # has no grounds
    alone = decide(application, day, PROGRAMME)
    claimed = an_application("assessment", connection=further[0], further_grounds=further[1:])
    grounds = (*application.further_grounds, claimed.connection, *claimed.further_grounds)

    beside = decide(application.model_copy(update={"further_grounds": grounds}), day, PROGRAMME)

    assert ORDER[beside.outcome] >= ORDER[alone.outcome]


@given(applications, days)
def test_the_order_of_grounds_does_not_matter(application, day):
    assume(application.stream != "organisation-support")  # has no grounds
    *others, last = (application.connection, *application.further_grounds)
    turned = application.model_copy(
        update={"connection": last, "further_grounds": tuple(reversed(others))}
    )

    first, second = (decide(each, day, PROGRAMME) for each in (application, turned))

    assert first.outcome == second.outcome
    assert set(first.reasons) == set(second.reasons)
