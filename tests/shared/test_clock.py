"""Times and days."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from shared.clock import hong_kong_date, milliseconds, utc_now, whole_milliseconds


def test_now_has_whole_milliseconds_and_a_zone():
    now = utc_now()

    assert now.microsecond % 1000 == 0
    assert now.tzinfo is UTC


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2013, 3, 31, 15, 59, 59, 999000, UTC), date(2013, 3, 31)),
        (datetime(2013, 3, 31, 16, tzinfo=UTC), date(2013, 4, 1)),
        (datetime(2013, 3, 31, 12, tzinfo=timezone(timedelta(hours=-5))), date(2013, 4, 1)),
    ],
)
def test_a_day_is_a_hong_kong_day_in_any_zone_of_the_time(moment, day):
    assert hong_kong_date(moment) == day


def test_truncating_to_milliseconds_never_moves_a_time_forward():
    moment = datetime(2026, 1, 1, 0, 0, 0, 999_999, UTC)

    assert whole_milliseconds(moment).microsecond == 999_000
    assert milliseconds(whole_milliseconds(moment)) == 1_767_225_600_999
