"""A backlog that is much larger than a batch."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.factories import merged
from tests.faults.load.plan import Planned
from tests.faults.observe.outage import ServiceMonitor
from tests.faults.run import Run
from tests.faults.scenario import scenario

_EVENTS = 100_000
_AS_FAST_AS_POSSIBLE = 1e6
_DRAINED_SECONDS = 300.0


@dataclass(frozen=True)
class LargeApplication(Planned):
    """An application whose event is 1.2 KB."""

    def body(self, version: int) -> dict[str, Any]:
        return merged(super().body(version), {"project": {"title": "回收染整廢水餘熱" * 25}})


@scenario("a backlog of 100,000 events", alone=True)
def backlog(run: Run) -> None:
    run.provide_topics()
    count = run.count(_EVENTS)
    writer = run.load(run.writer(_large_applications(count), _AS_FAST_AS_POSSIBLE))
    writer.join(_DRAINED_SECONDS)
    run.measured.faults += 1
    started_at = time.monotonic()
    run.start("eligibility")
    with ServiceMonitor(run):
        run.expect_eventually(
            lambda: run.progress.undone(["eligibility"]) == 0,
            "the backlog was not processed",
            _DRAINED_SECONDS,
        )
        seconds = time.monotonic() - started_at
    run.measure(f"{count:,} events in {seconds:.0f} s, {count / seconds:,.0f}/s")


def _large_applications(count: int) -> Iterator[Planned]:
    return (LargeApplication(number, "new-technology", amendments=0) for number in range(count))
