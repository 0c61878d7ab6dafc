"""Observes a run from outside, and computes throughput and CPU time from what it saw."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

from bench.harness.dataset import DataSet
from bench.harness.effects import DecisionEvent, Effects
from bench.harness.process import Process, ProcessGroup, Usage

Ended = Literal["finished", "stuck", "exits", "stays behind"]

_POLL_SECONDS: Final = 0.05
_STALL_SECONDS: Final = 30.0
_START_TIMEOUT_SECONDS: Final = 120.0  # until the first effect: a cold JVM on a busy machine
_SETTLE_SECONDS: Final = 4.0  # for effects that follow the last commit
_MAX_RUN_SECONDS: Final = 600.0
_MAX_RESTARTS: Final = 2


class Progress(NamedTuple):
    """How many decision events, input offsets and documents there are."""

    published: int
    committed: int
    stored: int


class Sample(NamedTuple):
    """The CPU time and memory used when a number of events had been published."""

    published: int
    usage: Usage


_NO_SAMPLE: Final = Sample(0, Usage(0, 0))


@dataclass(slots=True)
class RunMonitor:
    """Polls the effects of a run until it ends, and restarts a contender that exits."""

    process: Process | ProcessGroup
    effects: Effects
    data_set: DataSet
    warm_up: int = 0
    started: float = field(default_factory=time.monotonic)
    first_effect: float = 0.0
    baseline: Sample = _NO_SAMPLE
    first: Sample | None = None
    last: Sample = _NO_SAMPLE
    restarts: int = 0

    def wait_for_end(self) -> Ended:
        """Return when all records are handled, or when there is no more progress."""
        good = self.data_set.records - self.data_set.poison_count
        seen, changed = Progress(-1, -1, -1), time.monotonic()
        while True:
            time.sleep(_POLL_SECONDS)
            now = time.monotonic()
            progress = self._progress()
            if progress != seen:
                seen, changed = progress, now
            self._sample_usage(progress.published, good)
            if ended := self._ended(progress, good, now - changed):
                return ended

    def _progress(self) -> Progress:
        effects = self.effects
        return Progress(effects.published(), effects.committed(), effects.stored())

    def _sample_usage(self, published: int, good: int) -> None:
        """Update the samples before the first counted effect, at it, and at the last one so far."""
        if published and not self.first_effect:
            self.first_effect = time.monotonic() - self.started
        if published <= self.warm_up:
            self.baseline = Sample(published, self.process.usage())
        elif self.first is None:
            self.first = Sample(published, self.process.usage())
        if self.last.published < published <= good:
            self.last = Sample(published, self.process.usage())

    def _ended(self, progress: Progress, good: int, idle_seconds: float) -> Ended | None:
        all_committed = progress.committed >= self.data_set.records
        if all_committed and progress.published >= good and progress.stored >= good:
            return "finished"
        if all_committed and idle_seconds > _SETTLE_SECONDS:
            return "finished"
        if self.process.has_exited:
            return self._restart()
        if time.monotonic() - self.started > _MAX_RUN_SECONDS:
            return "stays behind"
        timeout_seconds = _STALL_SECONDS if progress.published else _START_TIMEOUT_SECONDS
        return "stuck" if idle_seconds > timeout_seconds else None

    def _restart(self) -> Ended | None:
        """Restart the process as a supervisor would, up to a limit."""
        if self.restarts == _MAX_RESTARTS:
            return "exits"
        self.restarts += 1
        self.process.restart()
        return None


def throughput_window(events: Sequence[DecisionEvent], warm_up: int) -> tuple[int, float]:
    """Return how many events followed the first timestamp, and in how many seconds.

    The first batch is excluded, because the time when it was begun is unknown.
    """
    if len(events) <= warm_up:
        return 0, 0.0
    first, last = events[warm_up].appended_ms, events[-1].appended_ms
    return sum(each.appended_ms > first for each in events), (last - first) / 1000


def cpu_us_per_event(monitor: RunMonitor) -> float:
    """Return the CPU time per event between the first sample with effects and the last."""
    if monitor.first is None:
        return 0.0
    first, last = monitor.first, monitor.last
    if last.published < 2 * first.published - monitor.baseline.published:
        first = monitor.baseline  # the first sample was taken when more than half was done
    used = last.usage.cpu_seconds - first.usage.cpu_seconds
    # A restart resets the count, so that the difference may be negative.
    return max(0.0, round(used * 1e6 / max(1, last.published - first.published), 1))
