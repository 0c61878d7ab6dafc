"""What is left of the error budgets after five weeks, in a real Prometheus."""

import time
from collections.abc import Iterator

import pytest

from devstack.testing.backfill import Period, Series, backfill
from tests.devstack.servers.weeks import evaluating

pytestmark = [pytest.mark.plays, pytest.mark.timeout(120)]

_MINUTE, _DAY = 60.0, 86400.0
BAD = {"intake-available": 0.0, "decided-in-60s": 0.005, "mailed-in-10s": 0.2}


def weeks_with_an_outage(now: float) -> Iterator[Series]:
    """Return five weeks in which intake was away for an hour, ten days ago."""
    begin = now - 10 * _DAY
    for objective, bad in BAD.items():
        labels = {"objective": objective}
        yield Series("objective:valid_events:rate5m", lambda _: 2.0, labels)
        yield Series("objective:bad_events:rate5m", lambda _, each=bad: 2 * each, labels)
        yield Series("objective:bad_events:increase1h", lambda _, each=bad: 7200 * each, labels)
        yield Series("objective:budget_left:ratio30d", lambda _: 0.5, labels)
    yield Series("intake:up:max", lambda at: float(not begin <= at < begin + 60 * _MINUTE))


def test_an_outage_and_late_mails_spend_their_budgets_and_no_other(folder, tmp_path):
    now = time.time()
    weeks = Period(now - 35 * _DAY + 60, now, step=240)
    backfill(folder.data / "prometheus", weeks_with_an_outage(now), weeks)

    with evaluating(folder, tmp_path) as prometheus:
        prometheus.wait_until_evaluated("error-budgets")
        left = prometheus.values("objective:budget_left:ratio30d")
        told = {each["labels"]["objective"] for each in prometheus.alerts("ErrorBudgetSpent")}

    assert left == {
        "intake-available": pytest.approx(1 - 60 / 43.2, abs=0.1),
        "decided-in-60s": pytest.approx(0.5, abs=0.01),
        "mailed-in-10s": pytest.approx(-3, abs=0.01),
    }
    assert told == {"intake-available", "mailed-in-10s"}
