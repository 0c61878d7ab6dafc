"""Shows the dead letters of every group as metrics; ages grow with the clock."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from services.operations.dead_letters.counting import DeadLetterCounts
from services.operations.dead_letters.letters import Count
from shared.clock import milliseconds
from shared.metrics import Metrics


class DeadLetterMetrics:
    """Gauges by group and reason. Without letters they are 0."""

    def __init__(
        self, metrics: Metrics, counts: DeadLetterCounts, now: Callable[[], datetime]
    ) -> None:
        self._service = metrics.service
        self._counts = counts
        self._now = now
        self._shown: set[tuple[str, str]] = set()
        self._depth = metrics.gauge(
            "cppp_dlq_depth",
            "Dead letters that nobody has redriven or parked yet.",
            "group",
            "reason",
        )
        self._oldest = metrics.gauge(
            "cppp_dlq_oldest_age_seconds",
            "Age of the oldest dead letter that nobody has redriven or parked; 0 if there is none.",
            "group",
            "reason",
        )
        self._parked = metrics.gauge(
            "cppp_dlq_parked", "Dead letters that were parked.", "group", "reason"
        )
        self._counted_at = metrics.gauge(
            "cppp_dlq_counted_timestamp_seconds",
            "When dead letters were last counted; 0 if they never were.",
        ).labels(metrics.service)

    def show(self) -> None:
        """Show the present counts."""
        found = {
            (group, reason): count
            for group, reasons in self._counts.groups.items()
            for reason, count in reasons.items()
        }
        for (group, reason), count in found.items():
            self._depth.labels(self._service, group, reason).set(count.open)
            self._parked.labels(self._service, group, reason).set(count.parked)
            age = partial(self._age, group, reason)
            self._oldest.labels(self._service, group, reason).set_function(age)
        for group, reason in self._shown - found.keys():
            for gauge in (self._depth, self._parked, self._oldest):
                gauge.remove(self._service, group, reason)
        self._shown = {*found}
        if self._counts.counted_at:
            self._counted_at.set(self._counts.counted_at.timestamp())

    def _age(self, group: str, reason: str) -> float:
        count = self._counts.groups.get(group, {}).get(reason, Count())
        return age_seconds(count, self._now()) or 0.0


def age_seconds(count: Count, now: datetime) -> float | None:
    """Return the age of the oldest open letter, if there is one."""
    if count.oldest_ms is None:
        return None
    return max(0.0, (milliseconds(now) - count.oldest_ms) / 1000)
