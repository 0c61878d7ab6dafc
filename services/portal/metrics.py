"""The metrics of this service, beside those of every service."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from functools import partial
from typing import get_args

from services.portal.rules import Fact
from services.portal.statistics.entries import Entry
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
        self._as_of = metrics.gauge(
            "cppp_portal_as_of_timestamp_seconds",
            "As of when content and statistics are read from the database, and until when what was "
            "published is shown, as pages say; 0 before.",
            "part",
        )

    def show_ages(self, **parts: Callable[[], datetime | None]) -> None:
        """Show from now on as of when each part of the site is."""
        for part, as_of in parts.items():
            self._as_of.labels(self._service, part).set_function(partial(_seconds, as_of))

    def show_items(self, shown: Callable[[str], int]) -> None:
        """Show from now on how many items of a kind the site has."""
        items = self._metrics.gauge(
            "cppp_portal_items", "Items that are published, as this process has them.", "kind"
        )
        for kind in get_args(Kind):
            items.labels(self._service, kind).set_function(partial(shown, kind))

    def refresh_failed(self) -> None:
        """Count a look for new facts that failed."""
        self._failures.inc()

    def count(self, facts: Sequence[Fact | Entry]) -> None:
        """Count what was kept of one batch."""
        for event_type, number in Counter(each.kind for each in facts).items():
            self._kept.labels(self._service, event_type).inc(number)


def _seconds(as_of: Callable[[], datetime | None]) -> float:
    moment = as_of()
    return moment.timestamp() if moment else 0.0
