"""Moments in whole milliseconds, and Hong Kong days."""

from calendar import monthrange
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

HONG_KONG = ZoneInfo("Asia/Hong_Kong")


def utc_now() -> datetime:
    """Tell the time in UTC, whole milliseconds: MongoDB keeps no more, so a repeat is equal."""
    return whole_milliseconds(datetime.now(UTC))


def whole_milliseconds(moment: datetime) -> datetime:
    """Cut an aware moment to whole milliseconds, in UTC."""
    moment = moment.astimezone(UTC)
    too_fine = moment.microsecond % 1000
    return moment.replace(microsecond=moment.microsecond - too_fine) if too_fine else moment


def hong_kong_date(moment: datetime) -> date:
    """Tell the day in Hong Kong: 00:30 on 1 April there is still 31 March in UTC."""
    return moment.astimezone(HONG_KONG).date()


@lru_cache(4096)  # what is asked for often is about the same days
def months_after(day: date, months: int) -> date:
    """Find the corresponding day some months later, or the month's last where it has none.

    What would lie beyond the calendar's end is its last day.
    """
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    if year > date.max.year:
        return date.max
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def milliseconds(moment: datetime) -> int:
    """Count the milliseconds since 1970 (UTC), as Kafka's timestamps do."""
    return round(moment.timestamp() * 1000)
