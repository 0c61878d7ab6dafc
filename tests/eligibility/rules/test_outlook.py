"""What comes next after a decision, and by when: each setting with its effect."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from services.eligibility.handlers import Decider, announce, ruling_by
from services.eligibility.rules.histories import Histories
from services.eligibility.rules.outlook import Outlooks, outlook
from services.eligibility.rules.procedure import Payment, Procedure, ProjectClock, Review
from services.eligibility.rules.programme import load_programme
from shared.calendars import is_working_day
from shared.decisions.rule_file import Period
from shared.events.eligibility import EligibilityDecided, Outlook
from tests.eligibility.rulings import a_ruling
from tests.factories import NOW, a_submission, an_event

PROGRAMME = load_programme()
[PROCEDURE] = PROGRAMME.procedures
TEN_DAYS = Period(working_days=10, calendar="hong-kong", source="setting")
ON = date(2026, 12, 18)


def outlook_of(outcome, *, terms=None, on=ON, **changes) -> Outlook:
    procedure = PROCEDURE.model_copy(update=changes)
    return TypeAdapter(Outlook).validate_python(
        outlook(procedure, terms, outcome, on), strict=False
    )


def taking(**steps):
    return {"processing": PROCEDURE.processing.model_copy(update=steps)}


@pytest.mark.parametrize(
    ("outcome", "step", "setting"),
    [("referred", "ruling", "ruling"), ("eligible", "agreement", "agreement")],
)
def test_the_next_step_is_expected_within_its_working_days_in_hong_kong(outcome, step, setting):
    expected = outlook_of(outcome, **taking(**{setting: TEN_DAYS}))

    assert (expected.step, expected.working_days, expected.calendar) == (step, 10, "hong-kong")
    # Not counted: weekends, Christmas Day, the weekday after it (the 26th is a Saturday), New Year.
    assert expected.last_day == date(2027, 1, 5)


def test_the_mainland_calendar_counts_other_days():
    period = TEN_DAYS.model_copy(update={"calendar": "mainland"})

    expected = outlook_of("referred", on=date(2025, 9, 25), **taking(ruling=period))

    # 1 to 8 October are holidays there; Sunday 28 September and Saturday 11 October are worked.
    assert (expected.calendar, expected.last_day) == ("mainland", date(2025, 10, 15))


def test_a_year_without_calendar_data_gives_no_day():
    period = TEN_DAYS.model_copy(update={"calendar": "mainland"})

    expected = outlook_of("referred", on=date(2190, 1, 5), **taking(ruling=period))

    assert (expected.step, expected.working_days, expected.last_day) == ("ruling", 10, None)


def test_a_step_without_a_period_has_no_last_day():
    expected = outlook_of("eligible", **taking(agreement=None))

    assert (expected.step, expected.working_days, expected.last_day) == ("agreement", None, None)


def test_a_referred_case_is_decided_by_the_committee():
    assert outlook_of("referred").decided_by == "committee"
    assert outlook_of("eligible").decided_by is None


def test_no_review_is_offered_as_shipped():
    refused = outlook_of("ineligible")

    assert (refused.step, refused.last_day) == (None, None)


def test_an_offered_review_can_be_requested_until_its_last_day():
    review = Review(offered=True, within=TEN_DAYS, source="setting")

    refused = outlook_of("ineligible", review=review)

    assert (refused.step, refused.last_day) == ("review-request", date(2027, 1, 5))


def test_as_shipped_the_whole_grant_is_paid_after_the_accepted_final_report():
    assert outlook_of("eligible").payment_percent == {"final-report": 100}


def test_a_stream_may_have_a_schedule_of_its_own():
    instalments = {"agreement": 30, "interim-report": 40, "final-report": 30}
    own = Payment(percent=instalments, source="setting")
    terms = PROGRAMME.terms_of("4", "demonstration-i").model_copy(update={"payment": own})

    assert outlook_of("eligible", terms=terms).payment_percent == instalments
    assert outlook_of("referred", terms=terms).payment_percent is None


@pytest.mark.parametrize(
    ("stream", "months"),
    [("assessment", 3), ("demonstration-i", 12), ("demonstration-ii", 12)],
)
def test_the_months_to_finish_in_run_from_the_agreement_as_shipped(stream, months):  # S9
    expected = outlook_of("eligible", terms=PROGRAMME.terms_of("4", stream))

    assert (expected.months_at_most, expected.clock_starts) == (months, "agreement")
    assert expected.finish_by is None


def test_months_that_run_from_approval_end_on_a_known_day():
    clock = ProjectClock(starts_with="approval", source="setting")
    terms = PROGRAMME.terms_of("4", "assessment")

    expected = outlook_of("eligible", terms=terms, project_clock=clock, on=date(2023, 11, 30))

    assert (expected.clock_starts, expected.finish_by) == ("approval", date(2024, 2, 29))


def test_a_stream_without_a_limit_has_no_clock():
    expected = outlook_of("eligible", terms=PROGRAMME.terms_of("3", "assessment"))

    assert (expected.months_at_most, expected.clock_starts) == (None, None)


@pytest.mark.parametrize(
    ("phase", "stream", "visits"),
    [
        ("1", "demonstration", None),
        ("2", "demonstration", 2),  # S24
        ("2", "assessment", None),
        ("3", "demonstration", None),
        ("4", "demonstration-i", None),
        ("5", "new-technology", None),
    ],
)
def test_only_demonstrations_of_phase_2_are_shown_to_visitors(phase, stream, visits):
    assert outlook_of("eligible", terms=PROGRAMME.terms_of(phase, stream)).visits_at_least == visits


def test_a_later_procedure_holds_from_its_day_of_receipt_on():
    later = PROCEDURE.model_copy(update={"since": date(2026, 11, 3), **taking(ruling=TEN_DAYS)})
    programme = PROGRAMME.model_copy(update={"procedures": (PROCEDURE, later)})

    assert programme.procedure_on(date(2026, 11, 2)) is PROCEDURE
    assert programme.procedure_on(date(2026, 11, 3)) is later
    assert programme.procedure_on(date(1999, 1, 1)) is PROCEDURE


def test_the_event_has_the_next_step_after_a_decision_and_after_a_ruling():
    decider = Decider(PROGRAMME, NOW, Histories(), Outlooks(PROGRAMME))
    submitted = a_submission("new-technology", factory={"industry": "other"})
    base = decider.fact(an_event(submitted))
    ruled = ruling_by(PROGRAMME)(base.decision, a_ruling(base.decision))

    announced = EligibilityDecided.model_validate_json(announce(base).value, extra="forbid")

    assert announced.outlook
    assert (announced.outlook.step, announced.outlook.last_day) == ("ruling", date(2026, 11, 30))
    assert (ruled.outlook["step"], ruled.outlook["decided_by"]) == ("agreement", None)


@given(st.dates(date(2008, 1, 1), date(2026, 11, 1)), st.integers(1, 60))
def test_the_last_day_is_a_working_day_and_the_right_number_of_working_days_away(on, working_days):
    period = TEN_DAYS.model_copy(update={"working_days": working_days})
    last_day = outlook_of("referred", on=on, **taking(ruling=period)).last_day

    days = (on + timedelta(n) for n in range(1, (last_day - on).days + 1))
    assert sum(is_working_day(day, "hong-kong") for day in days) == working_days
    assert is_working_day(last_day, "hong-kong")


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"review": {"offered": True, "source": "setting"}}, "Must have `within`"),
        ({"payment": {"percent": {"final-report": 90}, "source": "setting"}}, "together pay 100 %"),
        ({"payment": {"percent": {"whenever": 100}, "source": "setting"}}, "final-report"),
        ({"project_clock": {"starts_with": "planning", "source": "setting"}}, "approval"),
        ({"scoring": {"decided_by": "points", "source": "setting"}}, "committee"),
        ({"processing": {"ruling": {"working_days": 0}}}, "greater than or equal to 1"),
    ],
)
def test_an_invalid_setting_is_refused_with_the_rule(changes, rule):
    with pytest.raises(ValueError, match=rule):
        Procedure.model_validate({**PROCEDURE.model_dump(), **changes})
