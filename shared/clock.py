"""Moments in whole milliseconds, and Hong Kong days."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

HONG_KONG = ZoneInfo("Asia/Hong_Kong")


def utc_now() -> datetime:
    """Tell the time in UTC, whole milliseconds: MongoDB keeps no more, so a repeat is equal."""
    return whole_milliseconds(datetime.now(UTC))


def whole_milliseconds(moment: datetime) -> datetime:
    """Cut an aware moment to whole milliseconds, in UTC."""
    moment = moment.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def hong_kong_date(moment: datetime) -> date:
    """Tell the day in Hong Kong: 00:30 on 1 April there is still 31 March in UTC."""
    return moment.astimezone(HONG_KONG).date()


def milliseconds(moment: datetime) -> int:
    """Count the milliseconds since 1970 (UTC), as Kafka's timestamps do."""
    return round(moment.timestamp() * 1000)
