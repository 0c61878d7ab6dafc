"""Public holidays as a metric, for the alert on flows that fall silent."""

from datetime import datetime
from math import isnan

import pytest

from services.operations.holidays import show_holidays
from shared.clock import HONG_KONG
from shared.metrics import Metrics


def shown(moment: str) -> dict[str, float]:
    """Return the gauge's value of each calendar at a time in Hong Kong."""
    metrics = Metrics("operations")
    at = datetime.fromisoformat(moment).replace(tzinfo=HONG_KONG)
    show_holidays(metrics, lambda: at)
    [family] = [each for each in metrics.registry.collect() if each.name == "cppp_public_holiday"]
    return {each.labels["calendar"]: each.value for each in family.samples}


@pytest.mark.parametrize(
    ("moment", "hong_kong", "mainland"),
    [
        ("2026-02-16T23:59", 0, 1),  # the eve of the Lunar New Year
        ("2026-02-17T00:00", 1, 1),
        ("2026-02-20T12:00", 0, 1),  # the Mainland's goes on
        ("2026-02-21T12:00", 0, 0),  # a Saturday is one of every week
        ("2026-07-01T12:00", 1, 0),
        ("2026-11-30T12:00", 0, 0),
    ],
)
def test_a_holiday_is_a_weekday_on_which_offices_do_not_work(moment, hong_kong, mainland):
    assert shown(moment) == {"hong-kong": hong_kong, "mainland": mainland}


def test_a_year_that_the_state_council_has_not_published_is_not_known():
    found = shown("2040-02-15T12:00")

    assert isnan(found["mainland"])
