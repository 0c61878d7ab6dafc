"""The alert on flows that fall silent, on five weeks of samples in a real Prometheus.

The weeks are written before it starts, and end now: what it evaluates are the real rules.
"""

import math
import time
from collections.abc import Callable, Iterator

import pytest

from devstack.stack.folder import StackFolder
from devstack.testing.backfill import Period, Series, backfill, counting
from tests.devstack.servers.weeks import evaluating

pytestmark = [pytest.mark.plays, pytest.mark.timeout(120)]

_HOUR, _DAY, _WEEK = 3600.0, 86400.0, 7 * 86400.0
_RATES = {"1h": "flow:events:increase1h", "1d": "flow:events:increase1d"}
COUNTERS = {
    "accepted": ("cppp_applications_accepted_total", {"service": "intake", "scheme": "funding"}),
    "decided": ("cppp_decisions_total", {"service": "eligibility", "outcome": "eligible"}),
    "mailed": ("cppp_notifications_ended_total", {"service": "notify", "state": "sent"}),
}
Share = Callable[[float], float]
"""Which part of the usual number arrives so many seconds after now."""


def usual(seconds: float) -> float:
    """Return how many arrive in an hour: 60 at this time of the day, few at night and weekends."""
    is_weekend = int(seconds // _DAY) % 7 in {2, 3}
    return (0.1 if is_weekend else 1.0) * (31 + 29 * math.cos(2 * math.pi * seconds / _DAY))


def ordinary(_seconds: float) -> float:
    return 1.0


def silent_for(hours: float) -> Share:
    return lambda seconds: 0.0 if seconds > -hours * _HOUR else 1.0


def quiet_for(days: float) -> Share:
    return lambda seconds: 0.25 if seconds > -days * _DAY else 1.0


def history(now: float, shares: dict[str, Share], *, is_holiday: bool = False) -> Iterator[Series]:
    """Return what the rules have recorded in five weeks."""
    for flow, share in shares.items():
        for window, name in _RATES.items():
            hours = 24 if window == "1d" else 1
            yield Series(name, lambda at, s=share, n=hours: arrived(at - now, s, n), {"flow": flow})
    yield Series("cppp_public_holiday", lambda _: float(is_holiday), {"calendar": "mainland"})


def arrived(seconds: float, share: Share, hours: int) -> float:
    """Return how many have arrived in the hours before."""
    times = [seconds - each * _HOUR for each in range(hours)]
    return sum(usual(each) * share(each) for each in times)


def counted(now: float, shares: dict[str, Share], period: Period) -> Iterator[Series]:
    """Return the counters of the services in a period, and that Prometheus was there."""
    for flow, share in shares.items():
        name, labels = COUNTERS[flow]

        def rate(at: float, share: Share = share) -> float:
            return usual(at - now) * share(at - now) / _HOUR

        yield Series(name, counting(rate, period.begin, period.step), labels)
    yield Series("up", lambda _: 1.0, {"job": "prometheus", "instance": "before"})


@pytest.fixture
def firing(folder: StackFolder, tmp_path) -> Callable[..., set[tuple[str, str]]]:
    """Return flow and window of the alerts that fire, after five weeks with these shares."""

    def found(*, is_holiday: bool = False, **shares: Share) -> set[tuple[str, str]]:
        now, storage = time.time(), folder.data / "prometheus"
        weeks, days = Period(now - 5 * _WEEK, now, step=240), Period(now - 1.2 * _DAY, now)
        backfill(storage, history(now, shares, is_holiday=is_holiday), weeks)
        backfill(storage, counted(now, shares, days), days)
        with evaluating(folder, tmp_path) as prometheus:
            prometheus.wait_until_evaluated("flow")
            alerts = prometheus.alerts("FlowAnomaly")
        return {
            (each["labels"]["flow"], each["labels"]["window"])
            for each in alerts
            if each["state"] == "firing"
        }

    return found


def test_a_silent_flow_alerts_and_an_ordinary_and_a_quiet_one_do_not(firing):
    found = firing(accepted=silent_for(26), decided=ordinary, mailed=quiet_for(7))

    assert found == {("accepted", "1h"), ("accepted", "1d")}


def test_a_silent_day_of_a_public_holiday_alerts_nobody(firing):
    assert firing(accepted=silent_for(25), is_holiday=True) == set()
