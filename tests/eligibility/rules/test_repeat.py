"""The repeat rule (S1): worked cases, and what always holds."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.eligibility.rules.programme import load_programme
from services.eligibility.rules.repeat import NO_HISTORY, Completion, Days, History, about_repeat
from services.eligibility.rules.rules import decide
from shared.events.intake import RecognitionClaim, RepeatClaim
from tests.factories import an_application

MEASURE = "Heat recovery"
COMPLETE = RepeatClaim(
    earlier_case_number="CP-1",
    implemented_measure=MEASURE,
    measure_is_facility_investment=True,
    environmental_benefit_shown=True,
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
        ({"environmental_benefit_shown": False}, ["repeat-without-benefit"]),
        (
            {"measure_is_facility_investment": False, "environmental_benefit_shown": False},
            ["repeat-without-investment", "repeat-without-benefit"],
        ),
        ({"change": None}, ["repeat-without-change"]),
    ],
)
def test_a_claim_that_lacks_a_part_is_refused_for_it(changes, expected):
    claim = COMPLETE.model_copy(update=changes)

    assert reasons(claim, earlier(date(2016, 7, 1))) == expected
    assert decided(claim).outcome == "ineligible"


def decided(claim):
    application = an_application("assessment").model_copy(update={"repeat": claim})
    history = earlier(date(2011, 7, 1))
    return decide(application, date(2017, 6, 3), load_programme(), history)


def test_a_complete_claim_gets_the_grant():
    assert decided(COMPLETE).outcome == "eligible"


def test_a_benefit_that_an_earlier_form_did_not_ask_for_is_for_a_person():
    decision = decided(COMPLETE.model_copy(update={"environmental_benefit_shown": None}))

    assert decision.outcome == "referred"
    assert decision.reasons[0] == "repeat-benefit-not-stated"


@pytest.mark.parametrize(
    ("status", "level", "expected"),
    [  # S1: pursuit of municipal, national or international recognition
        ("pursued", "municipal", []),
        ("pursued", "national", []),
        ("pursued", "international", []),
        ("pursued", "provincial", ["recognition-level-not-named"]),
        ("pursued", "other", ["recognition-level-not-named"]),
        ("held", "municipal", ["recognition-already-held"]),
        ("held", "other", ["recognition-level-not-named", "recognition-already-held"]),
    ],
)
@pytest.mark.parametrize("change", ["recognition-sought", None])
def test_recognition_must_be_pursued_and_of_a_level_that_the_rule_names(
    change, status, level, expected
):
    recognition = RecognitionClaim(status=status, level=level)
    claim = COMPLETE.model_copy(update={"change": change, "recognition": recognition})

    assert reasons(claim, earlier(date(2016, 7, 1))) == expected
    assert decided(claim).outcome == ("referred" if expected else "eligible")


def test_recognition_that_is_not_described_counts_as_the_claim_says():
    claim = COMPLETE.model_copy(update={"change": "recognition-sought"})

    assert reasons(claim, earlier(date(2016, 7, 1))) == []


@pytest.mark.parametrize("change", ["production-process", "material-usage"])
def test_another_change_is_enough_whatever_the_recognition(change):
    recognition = RecognitionClaim(status="held", level="other")
    claim = COMPLETE.model_copy(update={"change": change, "recognition": recognition})

    assert reasons(claim, earlier(date(2016, 7, 1))) == []


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
