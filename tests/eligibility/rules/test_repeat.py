"""The repeat rule (S1): worked cases, and what always holds."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.eligibility.rules.programme import load_programme
from services.eligibility.rules.repeat import NO_HISTORY, Completion, Days, History, about_repeat
from services.eligibility.rules.rules import decide
from shared.events.intake import RepeatClaim
from tests.factories import an_application

MEASURE = "Heat recovery"
COMPLETE = RepeatClaim(
    earlier_case_number="CP-1",
    implemented_measure=MEASURE,
    measure_is_facility_investment=True,
    change="production-process",
)


def earlier(completed_on: date, *, approved: bool = True, measures=(MEASURE,)) -> History:
    return History((Completion(completed_on, approved, measures),))


def reasons(claim, history, on: date = date(2021, 7, 1)) -> list[str]:
    days = Days(received_on=on, starts_on=on)
    return list(about_repeat(claim, history, days, load_programme().repeat))


@pytest.mark.parametrize(
    ("completed_on", "received_on", "expected"),
    [
        (date(2016, 7, 1), date(2021, 7, 1), []),  # domain rule R5
        (date(2016, 7, 1), date(2021, 6, 30), ["repeat-too-early"]),  # R5
        (date(2016, 2, 29), date(2021, 2, 27), ["repeat-too-early"]),
        (date(2016, 2, 29), date(2021, 2, 28), []),  # no corresponding day: the month's last
        (date(2015, 2, 28), date(2020, 2, 28), []),
    ],
)
def test_five_years_are_counted_from_completion(completed_on, received_on, expected):
    assert reasons(COMPLETE, earlier(completed_on), received_on) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"implemented_measure": None}, ["repeat-without-recommended-measure"]),
        ({"implemented_measure": "Another"}, ["repeat-without-recommended-measure"]),
        ({"measure_is_facility_investment": False}, ["repeat-without-investment"]),
        ({"change": None}, ["repeat-without-change"]),
    ],
)
def test_a_claim_that_lacks_a_part_is_refused_for_it(changes, expected):
    claim = COMPLETE.model_copy(update=changes)

    assert reasons(claim, earlier(date(2016, 7, 1))) == expected


def test_measures_of_a_report_that_was_not_approved_do_not_count():
    history = earlier(date(2016, 7, 1), approved=False)

    assert reasons(COMPLETE, history) == ["repeat-without-recommended-measure"]


def test_a_second_assessment_without_any_claim_gets_every_reason():
    assert reasons(None, earlier(date(2021, 6, 1))) == [
        "repeat-too-early",
        "repeat-without-recommended-measure",
        "repeat-without-change",
    ]


def test_a_claim_that_is_not_on_record_is_checked_by_a_person():
    assert reasons(COMPLETE, NO_HISTORY) == ["earlier-assessment-not-in-record"]


def test_a_first_assessment_needs_nothing():
    assert reasons(None, NO_HISTORY) == []


def test_the_latest_of_several_earlier_assessments_counts():
    first = Completion(date(2010, 1, 1), report_approved=True, recommended_measures=(MEASURE,))
    second = Completion(date(2020, 1, 1), report_approved=True, recommended_measures=(MEASURE,))

    assert reasons(COMPLETE, History((first, second))) == ["repeat-too-early"]


@given(st.dates(date(2008, 4, 1), date(2100, 1, 1)), st.integers(0, 4000), st.integers(0, 4000))
def test_waiting_longer_never_makes_it_too_early(completed_on, days, more):
    history = earlier(completed_on)
    sooner, later = completed_on + timedelta(days), completed_on + timedelta(days + more)

    assert set(reasons(COMPLETE, history, later)) <= set(reasons(COMPLETE, history, sooner))


@pytest.mark.parametrize(
    ("binds", "received_on", "starts_on", "expected"),
    [
        ("application", date(2021, 6, 30), date(2021, 8, 1), ["repeat-too-early"]),
        ("application", date(2021, 7, 1), date(2021, 1, 1), []),
        ("new-work", date(2021, 1, 4), date(2021, 7, 1), []),
        ("new-work", date(2021, 1, 4), date(2021, 6, 30), ["repeat-work-too-early"]),
        ("new-work", date(2021, 7, 1), date(2021, 6, 30), ["repeat-work-too-early"]),
    ],
)
def test_a_setting_says_what_waits_for_the_anniversary(binds, received_on, starts_on, expected):
    shipped = load_programme()
    anniversary = shipped.repeat.anniversary.model_copy(update={"binds": binds})
    repeat = shipped.repeat.model_copy(update={"anniversary": anniversary})
    programme = shipped.model_copy(update={"repeat": repeat})
    application = an_application("assessment", project={"starts_on": starts_on.isoformat()})
    application = application.model_copy(update={"repeat": COMPLETE})

    decision = decide(application, received_on, programme, earlier(date(2016, 7, 1)))

    assert [each for each in decision.reasons if each.startswith("repeat")] == expected


def test_as_shipped_the_application_waits_for_the_anniversary():
    assert load_programme().repeat.anniversary.binds == "application"
