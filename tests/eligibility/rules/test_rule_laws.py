"""Laws of the rules that hold for every application."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.eligibility.rules.programme import load_programme
from services.eligibility.rules.rules import REFERRALS, REFUSALS, decide
from shared.clock import hong_kong_date, months_after
from tests.eligibility.strategies import applications, costs, days
from tests.factories import an_application

PROGRAMME = load_programme()
EXPLANATIONS = {"grant-is-share", "grant-is-ceiling", "grant-is-sum-asked-for"}


@given(applications, days)
def test_every_application_ends_in_one_of_the_outcomes_with_a_reason(application, day):
    decision = decide(application, day, PROGRAMME)

    assert decision.outcome in {"eligible", "ineligible", "referred"}
    assert decision.reasons
    assert len(set(decision.reasons)) == len(decision.reasons)
    assert set(decision.reasons) <= REFUSALS | REFERRALS | EXPLANATIONS


@given(applications, days)
def test_a_refusal_states_a_reason_and_grants_nothing(application, day):
    decision = decide(application, day, PROGRAMME)

    assert (decision.outcome == "ineligible") == (not REFUSALS.isdisjoint(decision.reasons))
    if decision.outcome == "ineligible":
        assert decision.grant_cents == 0
        assert EXPLANATIONS.isdisjoint(decision.reasons)


@given(applications, days)
def test_a_referred_application_has_no_grant_until_a_person_rules(application, day):
    decision = decide(application, day, PROGRAMME)

    if decision.outcome == "referred":
        assert decision.grant_cents is None
        assert not REFERRALS.isdisjoint(decision.reasons)
    else:
        assert decision.indicative_grant_cents is None


@given(applications, days)
def test_no_grant_exceeds_the_share_the_ceiling_or_the_sum_asked_for(application, day):
    decision = decide(application, day, PROGRAMME)

    if decision.outcome == "eligible":
        phase = PROGRAMME.on(day).phase
        terms = phase.terms(application.stream)
        highest = max(terms.ceiling_cents, terms.local_technology_ceiling_cents or 0)
        assert (
            0
            <= decision.grant_cents
            <= min(highest, application.project.requested_cents or highest)
        )
        assert decision.grant_cents * 100 <= application.project.cost_cents * terms.share_percent


@given(applications, days, costs)
def test_a_higher_cost_never_lowers_the_grant(application, day, more):
    project = application.project
    dearer = application.model_copy(
        update={"project": project.model_copy(update={"cost_cents": project.cost_cents + more})}
    )

    cheaper_one, dearer_one = (decide(each, day, PROGRAMME) for each in (application, dearer))

    assert dearer_one.outcome == cheaper_one.outcome
    assert (dearer_one.grant_cents or 0) >= (cheaper_one.grant_cents or 0)
    indicative = cheaper_one.indicative_grant_cents or 0
    assert (dearer_one.indicative_grant_cents or 0) >= indicative


@pytest.mark.parametrize("stream", ["assessment", "demonstration-i", "organisation-support"])
def test_a_project_in_the_last_year_of_the_calendar_is_decided_too(stream):
    project = {"starts_on": "9999-12-01", "ends_on": "9999-12-31"}

    decision = decide(an_application(stream, project=project), date(2023, 6, 3), PROGRAMME)

    assert "project-too-long" not in decision.reasons


@given(st.dates())
def test_at_most_one_phase_is_open_on_any_day(day):
    assert sum(phase.is_open(day) for phase in PROGRAMME.phases) <= 1


@given(st.integers(0, 4_000_000_000), st.timezones())  # seconds since 1970, up to 2096
def test_at_any_instant_at_most_one_phase_is_open_in_whatever_time_zone_it_is_given(seconds, zone):
    instant = datetime.fromtimestamp(seconds, UTC)
    day = hong_kong_date(instant)

    assert sum(phase.is_open(day) for phase in PROGRAMME.phases) <= 1
    assert hong_kong_date(instant.astimezone(zone)) == day


def test_on_every_day_of_the_programme_at_most_one_phase_is_open():
    first, last = date(2008, 1, 1), date(2029, 1, 1)
    every_day = (first + timedelta(days=n) for n in range((last - first).days))

    assert max(sum(phase.is_open(day) for phase in PROGRAMME.phases) for day in every_day) == 1


@given(st.dates(max_value=date(9990, 1, 1)), st.integers(1, 60))
def test_some_months_later_is_the_same_day_or_the_last_of_a_shorter_month(day, months):
    later = months_after(day, months)

    assert (later.year - day.year) * 12 + later.month - day.month == months
    assert later.day == day.day or (later + timedelta(days=1)).day == 1
