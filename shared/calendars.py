"""Working days and holidays in Hong Kong and in the Mainland, from maintained libraries.

A deadline names the calendar that it was counted by. A year without data is an error, never a
guess: the State Council publishes the Mainland's holidays, and the weekend days that are worked in
exchange, only late in the year before.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import Final, Literal

import chinese_calendar
from holidays import HolidayBase, country_holidays

Calendar = Literal["hong-kong", "mainland"]

_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5
_MOST_WORKING_DAYS: Final = 1000


class YearNotCoveredError(Exception):
    """A calendar has no data for a year; a newer version of its library may have."""

    def __init__(self, calendar: Calendar, year: int) -> None:
        super().__init__(
            f"the {calendar} calendar has no data for {year}: "
            "update its library, or state the last day yourself"
        )
        self.calendar = calendar
        self.year = year


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day of a period, and the calendar whose working days were counted."""

    day: date
    calendar: Calendar


@lru_cache(4096)  # many cases of one day share few deadlines
def deadline(start: date, working_days: int, calendar: Calendar) -> Deadline:
    """Return the last of `working_days` working days after `start`; `start` itself is not counted.

    Raises `YearNotCoveredError` if the calendar has no data for a day in between, and `ValueError`
    for less than one working day or more than a thousand.
    """
    if not 1 <= working_days <= _MOST_WORKING_DAYS:
        msg = f"a deadline is 1 to {_MOST_WORKING_DAYS} working days away, not {working_days}"
        raise ValueError(msg)
    day, left = start, working_days
    while left:
        day += _DAY
        left -= is_working_day(day, calendar)
    return Deadline(day, calendar)


def is_working_day(day: date, calendar: Calendar) -> bool:
    """Return whether public offices work on a day.

    Hong Kong: Monday to Friday except general holidays. Mainland: as the State Council arranges, so
    a Saturday or Sunday may be a working day. Raises `YearNotCoveredError`.
    """
    if calendar == "hong-kong":
        return day.weekday() < _SATURDAY and day not in _general_holidays(day.year)
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        raise YearNotCoveredError(calendar, day.year) from None


@cache
def _general_holidays(year: int) -> HolidayBase:
    # The library calls general holidays that are not statutory holidays "optional".
    both = ("public", "optional")
    found = country_holidays("HK", years=year, expand=False, categories=both)
    if not found.start_year <= year <= found.end_year:
        calendar: Calendar = "hong-kong"
        raise YearNotCoveredError(calendar, year)
    return found
