"""Times in whole milliseconds, and Hong Kong days."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

HONG_KONG = ZoneInfo("Asia/Hong_Kong")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_LATEST = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MILLISECOND


def utc_now() -> datetime:
    """Return the time in UTC, in whole milliseconds: the precision that MongoDB stores."""
    return whole_milliseconds(datetime.now(UTC))


def whole_milliseconds(moment: datetime) -> datetime:
    """Truncate an aware time to whole milliseconds, in UTC."""
    moment = moment.astimezone(UTC)
    too_fine = moment.microsecond % 1000
    return moment.replace(microsecond=moment.microsecond - too_fine) if too_fine else moment


def hong_kong_date(moment: datetime) -> date:
    """Return the day in Hong Kong, where 1 April 00:30 is still 31 March in UTC."""
    return moment.astimezone(HONG_KONG).date()


@lru_cache(4096)  # most calls are about the same few days
def months_after(day: date, months: int) -> date:
    """Return the same day some months later, or the last day of a month that is too short.

    The latest result is `date.max`.
    """
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    if year > date.max.year:
        return date.max
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def milliseconds(moment: datetime) -> int:
    """Return the milliseconds since 1970 (UTC), as in Kafka's timestamps."""
    return (moment - _EPOCH) // _MILLISECOND


def from_milliseconds(milliseconds_since_1970: int) -> datetime:
    """Return the time of one of Kafka's timestamps, in UTC.

    Kafka allows any number, and -1 for none: a time before 1970 becomes the beginning of that year,
    and one that is too late the last one that there is.
    """
    return _EPOCH + timedelta(milliseconds=min(max(0, milliseconds_since_1970), _LATEST))
