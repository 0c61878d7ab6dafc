"""The metrics of this service, beside those of every service."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import get_args

from services.portal.rules import Fact
from shared.events.content import Kind
from shared.metrics import Metrics


class PortalMetrics:
    """What was kept, what the site shows, and as of when that is."""

    def __init__(self, metrics: Metrics, event_types: Collection[str]) -> None:
        self._service, self._metrics = metrics.service, metrics
        self._kept = metrics.counter(
            "cppp_portal_facts", "Events kept for the site, repeats included.", "event_type"
        )
        for each in event_types:
            self._kept.labels(self._service, each)
        self._failures = metrics.counter(
            "cppp_portal_refresh_failures",
            "Looks for what was published since that failed, unless the database was away.",
        ).labels(self._service)

    def show(self, as_of: Callable[[], float], shown: Callable[[str], int]) -> None:
        """Show from now on as of when the site is, and how many items of a kind it has."""
        self._metrics.gauge(
            "cppp_portal_as_of_timestamp_seconds",
            "When the database was last read; 0 before. Lag of the group: what is not in it yet.",
        ).labels(self._service).set_function(as_of)
        items = self._metrics.gauge(
            "cppp_portal_items", "Items that are published, as this process has them.", "kind"
        )
        for kind in get_args(Kind):
            items.labels(self._service, kind).set_function(partial(shown, kind))

    def refresh_failed(self) -> None:
        """Count a look for new facts that failed."""
        self._failures.inc()

    def count(self, facts: Sequence[Fact]) -> None:
        """Count the facts of one batch."""
        for event_type, number in Counter(each.kind for each in facts).items():
            self._kept.labels(self._service, event_type).inc(number)
