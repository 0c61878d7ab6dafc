"""Shows whether today is a public holiday, on which few applications are no fault."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from math import nan
from typing import Final, get_args

from shared.calendars import Calendar, YearNotCoveredError, is_working_day
from shared.clock import HONG_KONG, utc_now
from shared.metrics import Metrics

_SATURDAY: Final = 5


def show_holidays(metrics: Metrics, now: Callable[[], datetime] = utc_now) -> None:
    """Register a gauge for the calendars of Hong Kong and of the Mainland."""
    gauge = metrics.gauge(
        "cppp_public_holiday",
        "1 on a public holiday from Monday to Friday; NaN if the calendar does not know the year.",
        "calendar",
    )
    for each in get_args(Calendar):
        gauge.labels(metrics.service, each).set_function(partial(_is_holiday, each, now))


def _is_holiday(calendar: Calendar, now: Callable[[], datetime]) -> float:
    today = now().astimezone(HONG_KONG).date()
    try:
        return float(today.weekday() < _SATURDAY and not is_working_day(today, calendar))
    except YearNotCoveredError:
        return nan
