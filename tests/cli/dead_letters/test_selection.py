"""Times that commands take: RFC 3339, a day, or an age; never digits that count seconds."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.service.operators import moment

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("12h", NOW - timedelta(hours=12)),
        ("2026-11-20", datetime(2026, 11, 19, 16, tzinfo=UTC)),
        ("2026-11-20T15:00+08:00", datetime(2026, 11, 20, 7, tzinfo=UTC)),
        ("2026-11-20T15:00:00Z", datetime(2026, 11, 20, 15, tzinfo=UTC)),
        ("2026-11-20 15:00", datetime(2026, 11, 20, 7, tzinfo=UTC)),
    ],
)
def test_a_time_or_an_age_is_read(text, read):
    assert moment(text, NOW) == read


@pytest.mark.parametrize(
    "text",
    ["20261120", "1796083200", "17960831", "0", "2026-W47-5", "20261120T150000Z", "٣h", "", "3 h"],
)
def test_digits_and_other_forms_are_no_time(text):
    with pytest.raises(ValueError, match="Must be 2026-11-20"):
        moment(text, NOW)
