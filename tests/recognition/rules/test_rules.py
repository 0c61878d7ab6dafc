"""Whether a candidacy meets the prerequisites of its round.

Rows marked `setting` test this platform's defaults where the sources are silent.
"""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.recognition.rules.rules import REFERRALS, REFUSALS, decide
from services.recognition.rules.scheme import load_scheme
from tests.factories import an_application

SCHEME = load_scheme()
IN_ROUND = date(2026, 5, 4)
OUTCOMES = {"qualified", "not-qualified", "referred"}
EXCELLENT = {"category": "excellent-partner-manufacturing"}


def candidacy(**changes):
    return an_application("recognition", candidacy=changes).candidacy


def sourcing(factories_engaged):
    return candidacy(category="partner-supply-chain", factories_engaged=factories_engaged)


def service_provider(factories_served):
    return candidacy(category="partner-technology-service", factories_served=factories_served)


def decided(candidate, day=IN_ROUND, label_years=()):
    decision = decide(candidate, day, SCHEME, label_years)
    return decision.outcome, decision.reasons


@pytest.mark.parametrize(
    ("candidate", "reason", "source"),
    [
        (candidacy(hong_kong_owned=False), "not-hong-kong-owned", "S20, S22"),
        (candidacy(**EXCELLENT, hong_kong_owned=False), "not-hong-kong-owned", "S20, S22"),
        (candidacy(measures_implemented=0), "too-few-measures", "setting"),
        (candidacy(**EXCELLENT, measures_implemented=0), "too-few-measures", "setting"),
        (candidacy(**EXCELLENT), "no-earlier-partner-label", "setting"),
        (
            candidacy(**EXCELLENT, earlier_partner_year=2026),
            "earlier-label-not-past",
            "setting",
        ),
        (sourcing(0), "too-few-factories-engaged", "setting"),
        (service_provider(0), "too-few-factories-served", "setting"),
    ],
)
def test_a_missing_prerequisite_is_refused_with_its_reason(candidate, reason, source):
    outcome, reasons = decided(candidate)

    assert outcome == "not-qualified", source
    assert reason in reasons


@pytest.mark.parametrize(
    ("candidate", "reason", "source"),
    [
        (
            candidacy(**EXCELLENT, earlier_partner_year=2025),
            "earlier-label-not-on-record",
            "setting",
        ),
        (candidacy(factory={"place": "elsewhere"}), "factory-place-not-covered", "setting"),
    ],
)
def test_a_question_for_a_person_is_referred(candidate, reason, source):
    assert decided(candidate) == ("referred", (reason,)), source


@pytest.mark.parametrize(
    "candidate",
    [
        candidacy(measures_implemented=1),
        candidacy(factory={"place": "hong-kong"}),
        candidacy(factory={"industry": "other"}),
        candidacy(earlier_partner_year=2026),  # a Partner needs no earlier label
        sourcing(1),
        service_provider(1),
    ],
)
def test_a_candidate_that_just_meets_the_prerequisites_qualifies(candidate):
    assert decided(candidate) == ("qualified", ("prerequisites-met",))


def test_a_refused_candidate_gets_every_reason_at_once():
    candidate = candidacy(
        **EXCELLENT,
        hong_kong_owned=False,
        factory={"place": "elsewhere"},
        measures_implemented=0,
    )

    assert decided(candidate, date(2026, 11, 21)) == (
        "not-qualified",
        (
            "no-open-round",
            "not-hong-kong-owned",
            "factory-place-not-covered",
            "too-few-measures",
            "no-earlier-partner-label",
        ),
    )


@pytest.mark.parametrize(
    ("day", "round_year"),
    [  # the shipped calendar: 1 March to 31 July of each year (setting)
        (date(2015, 2, 28), None),
        (date(2015, 3, 1), 2015),
        (date(2015, 7, 31), 2015),
        (date(2015, 8, 1), None),
        (date(2026, 11, 21), None),
        (date(2027, 3, 1), 2027),
        (date(2027, 8, 1), None),
        (date(2028, 5, 1), None),
    ],
)
def test_an_application_is_judged_by_the_round_of_its_day(day, round_year):
    decision = decide(candidacy(), day, SCHEME)

    assert decision.round_year == round_year
    assert ("no-open-round" in decision.reasons) == (round_year is None)


@pytest.mark.parametrize(
    ("candidate", "year", "reason", "source"),
    [
        (service_provider(3), 2009, "category-not-offered", "S32, S34"),
        (candidacy(**EXCELLENT), 2012, "category-not-offered", "S21"),
        (candidacy(**EXCELLENT), 2013, "category-start-not-set", "S21, S27"),
        (candidacy(**EXCELLENT), 2014, "category-start-not-set", "S21, S27"),
    ],
)
def test_a_category_that_had_not_begun_is_not_awarded(candidate, year, reason, source):
    outcome, reasons = decided(candidate, date(year, 5, 1))

    assert outcome != "qualified", source
    assert reason in reasons


@pytest.mark.parametrize(
    ("candidate", "year", "source"),
    [
        (service_provider(3), 2010, "S32, S34"),
        (candidacy(**EXCELLENT, earlier_partner_year=2012), 2015, "S27"),
        (candidacy(), 2010, "S17"),
    ],
)
def test_a_category_is_offered_from_its_first_year_on(candidate, year, source):
    _, reasons = decided(candidate, date(year, 5, 1))

    assert {"category-not-offered", "category-start-not-set"}.isdisjoint(reasons), source


def test_without_a_record_an_uncertain_category_is_referred_for_both_reasons():
    candidate = candidacy(**EXCELLENT, earlier_partner_year=2012)

    assert decided(candidate, date(2014, 5, 1)) == (
        "referred",
        ("category-start-not-set", "earlier-label-not-on-record"),
    )


@pytest.mark.parametrize(
    ("claimed_year", "label_years", "decision"),
    [
        (2025, {2025}, ("qualified", ("prerequisites-met",))),
        (None, {2015}, ("qualified", ("prerequisites-met",))),  # stored labels count, not the claim
        (2024, {2015}, ("qualified", ("prerequisites-met",))),
        (2025, set(), ("referred", ("earlier-label-not-on-record",))),
        (2025, {2026}, ("referred", ("earlier-label-not-on-record",))),
        (None, {2026}, ("not-qualified", ("no-earlier-partner-label",))),
        (2026, {2026}, ("not-qualified", ("earlier-label-not-past",))),
    ],
)
def test_an_excellent_partner_has_an_earlier_label_on_record(claimed_year, label_years, decision):
    candidate = candidacy(**EXCELLENT, earlier_partner_year=claimed_year)

    assert decided(candidate, label_years=label_years) == decision


days = st.dates()
counts = st.integers(0, 10_000)
manufacturers = st.builds(
    candidacy,
    category=st.sampled_from(["partner-manufacturing", "excellent-partner-manufacturing"]),
    hong_kong_owned=st.booleans(),
    factory=st.fixed_dictionaries(
        {"place": st.sampled_from(["guangdong", "hong-kong", "elsewhere"])}
    ),
    measures_implemented=counts,
    earlier_partner_year=st.none() | st.integers(2009, 2100),
)
candidates = manufacturers | counts.map(sourcing) | counts.map(service_provider)


@given(candidates, days)
def test_every_candidacy_ends_in_one_of_the_outcomes_with_a_reason(candidate, day):
    decision = decide(candidate, day, SCHEME)

    assert decision.outcome in OUTCOMES
    assert decision.reasons
    assert len(set(decision.reasons)) == len(decision.reasons)


@given(candidates, days)
def test_the_outcome_follows_from_the_reasons(candidate, day):
    decision = decide(candidate, day, SCHEME)

    refused = not REFUSALS.isdisjoint(decision.reasons)
    referred = not REFERRALS.isdisjoint(decision.reasons)
    assert (decision.outcome == "not-qualified") == refused
    assert (decision.outcome == "referred") == (referred and not refused)
    assert (decision.outcome == "qualified") == (decision.reasons == ("prerequisites-met",))


@given(candidates, days)
def test_nobody_qualifies_without_an_open_round(candidate, day):
    decision = decide(candidate, day, SCHEME)

    if decision.round_year is None:
        assert decision.outcome == "not-qualified"


@given(st.sampled_from([sourcing, service_provider]), counts, counts, days)
def test_more_factories_never_hurt_a_candidate(kind, count, more, day):
    if decide(kind(count), day, SCHEME).outcome == "qualified":
        assert decide(kind(count + more), day, SCHEME).outcome == "qualified"


@given(days)
def test_at_most_one_round_is_open_on_any_day(day):
    assert sum(each.is_open(day) for each in SCHEME.rounds) <= 1


def test_on_every_day_of_the_shipped_calendar_at_most_one_round_is_open():
    first, last = date(2009, 1, 1), date(2029, 1, 1)
    every_day = (first + timedelta(days=n) for n in range((last - first).days))

    assert max(sum(each.is_open(day) for each in SCHEME.rounds) for day in every_day) == 1
