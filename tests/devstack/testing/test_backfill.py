"""Samples of weeks that a real Prometheus takes for its own."""

import time

import httpx
import pytest

from devstack.errors import StackError
from devstack.servers.monitoring import monitoring
from devstack.stack.ports import free_ports
from devstack.stack.stack import Stack
from devstack.testing.backfill import Period, Series, backfill, counting

_HOUR, _WEEK = 3600.0, 7 * 86400.0


@pytest.mark.timeout(120)
def test_prometheus_answers_from_weeks_that_were_written_before_it_started(folder):
    now = time.time()
    weeks = Period(now - 5 * _WEEK, now, step=240)
    twice_a_second = counting(lambda _: 2.0, weeks.begin, weeks.step)
    backfill(
        folder.data / "prometheus",
        [
            Series("cppp_requests_total", twice_a_second, {"service": "intake"}),
            Series("objective:target:ratio", lambda _: 0.999),
        ],
        weeks,
    )
    ports = free_ports(["prometheus", "alertmanager"])
    [_alertmanager, prometheus] = monitoring(folder, ports)

    with Stack(folder, ports, [prometheus]):
        url = f"http://127.0.0.1:{ports['prometheus']}"

        assert value(url, 'rate(cppp_requests_total{service="intake"}[1h])') == pytest.approx(2)
        assert value(url, "increase(cppp_requests_total[1h] offset 4w)") == pytest.approx(2 * _HOUR)
        assert value(url, "objective:target:ratio offset 34d") == 0.999


def value(url: str, query: str) -> float:
    """Return the only value of the answer."""
    answer = httpx.get(f"{url}/api/v1/query", params={"query": query}).raise_for_status()
    [found] = answer.json()["data"]["result"]
    return float(found["value"][1])


def test_a_counter_grows_by_its_rate_of_each_moment():
    value = counting(lambda at: 1.0 if at < 10 else 5.0, begin=0, step=10)

    assert [value(each) for each in (0, 5, 10, 12, 30)] == [0, 5, 10, 20, 110]


def test_what_promtool_does_not_accept_is_said(tmp_path):
    with pytest.raises(StackError, match="promtool cannot write blocks: "):
        backfill(tmp_path / "data", [Series("no name", lambda _: 1.0)], Period(0, 60))
