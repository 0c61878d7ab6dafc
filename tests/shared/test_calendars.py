"""Working days in Hong Kong and the Mainland, by days that governments have published."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.calendars import (
    Deadline,
    YearNotCoveredError,
    deadline,
    is_working_day,
)
from shared.clock import months_after

COVERED = st.dates(date(2005, 1, 1), date(2026, 6, 30))
CALENDARS = st.sampled_from(["hong-kong", "mainland"])


@pytest.mark.parametrize(
    ("day", "works", "why"),
    [
        (date(2019, 4, 18), True, "Thursday before Easter"),
        (date(2019, 4, 19), False, "Good Friday, a general holiday that is no statutory one"),
        (date(2019, 4, 20), False, "Saturday"),
        (date(2019, 4, 22), False, "Easter Monday"),
        (date(2019, 10, 1), False, "National Day"),
        (date(2019, 10, 2), True, "a holiday in the Mainland only"),
        (date(2018, 7, 2), False, "for 1 July on a Sunday"),
        (date(2015, 9, 3), False, "once, for the 70th anniversary of the end of the war"),
        (date(2026, 4, 7), False, "the day following Easter Monday, as Ching Ming was a Sunday"),
        (date(2026, 12, 25), False, "Christmas Day"),
        (date(2027, 2, 9), False, "the fourth day of Lunar New Year"),
    ],
)
def test_hong_kong_works_except_on_weekends_and_general_holidays(day, works, why):
    assert is_working_day(day, "hong-kong") is works, why


@pytest.mark.parametrize(
    ("day", "works", "why"),
    [
        (date(2019, 9, 13), False, "Mid-Autumn Festival"),
        (date(2019, 9, 28), False, "an ordinary Saturday"),
        (date(2019, 9, 29), True, "a Sunday worked in exchange for the National Day week"),
        (date(2019, 10, 1), False, "National Day"),
        (date(2019, 10, 7), False, "the last day of the National Day week"),
        (date(2019, 10, 12), True, "a Saturday worked in exchange"),
        (date(2019, 12, 25), True, "a holiday in Hong Kong only"),
        (date(2012, 11, 9), True, "an ordinary Friday"),
        (date(2020, 1, 31), False, "the New Year holiday as lengthened in 2020"),
        (date(2026, 2, 14), True, "a Saturday worked in exchange for the New Year holiday"),
        (date(2026, 10, 10), True, "a Saturday worked in exchange for the National Day week"),
    ],
)
def test_the_mainland_works_as_the_state_council_arranged(day, works, why):
    assert is_working_day(day, "mainland") is works, why


@pytest.mark.parametrize(
    ("start", "working_days", "calendar", "day"),
    [
        (date(2019, 9, 17), 5, "mainland", date(2019, 9, 24)),  # the notice of S22: 18 to 24 Sept.
        (date(2012, 11, 8), 5, "mainland", date(2012, 11, 15)),  # S33: from 9 November on
        (date(2019, 9, 27), 2, "mainland", date(2019, 9, 30)),  # over a Sunday that is worked
        (date(2019, 9, 27), 2, "hong-kong", date(2019, 10, 2)),
        (date(2019, 9, 30), 1, "mainland", date(2019, 10, 8)),
        (date(2019, 4, 18), 1, "hong-kong", date(2019, 4, 23)),
        (date(2026, 12, 24), 1, "hong-kong", date(2026, 12, 28)),
    ],
)
def test_a_deadline_is_counted_in_its_own_calendar_and_names_it(start, working_days, calendar, day):
    assert deadline(start, working_days, calendar) == Deadline(day, calendar)


@pytest.mark.parametrize(
    ("start", "calendar", "year"),
    [
        (date(2100, 12, 30), "mainland", 2100),
        (date(2003, 5, 5), "mainland", 2003),
        (date(2100, 12, 30), "hong-kong", 2101),
        (date(1940, 5, 5), "hong-kong", 1940),
    ],
)
def test_a_year_without_data_is_an_error_and_not_a_guess(start, calendar, year):
    with pytest.raises(YearNotCoveredError, match=f"{calendar} calendar has no data for {year}"):
        deadline(start, 5, calendar)


@pytest.mark.parametrize("working_days", [0, -1, 1001])
def test_an_absurd_number_of_working_days_is_refused(working_days):
    with pytest.raises(ValueError, match="1 to 1000 working days"):
        deadline(date(2026, 5, 4), working_days, "hong-kong")


@given(COVERED, st.integers(1, 60), CALENDARS)
def test_a_deadline_is_a_working_day_after_exactly_the_given_number(start, working_days, calendar):
    last = deadline(start, working_days, calendar).day

    on_the_way = (start + timedelta(days=n) for n in range(1, (last - start).days + 1))
    assert is_working_day(last, calendar)
    assert sum(is_working_day(day, calendar) for day in on_the_way) == working_days


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2023, 8, 31), 6, date(2024, 2, 29)),
        (date(2019, 9, 25), 24, date(2021, 9, 25)),
        (date(2019, 12, 1), 1, date(2020, 1, 1)),
        (date(2019, 12, 31), 0, date(2019, 12, 31)),
    ],
)
def test_months_are_added_within_the_days_that_the_month_has(day, months, later):
    assert months_after(day, months) == later
