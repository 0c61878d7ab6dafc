"""The metrics of this service, beside those of every service."""

from collections import Counter
from collections.abc import Collection, Sequence

from services.portal.rules import Fact
from services.portal.statistics.entries import Entry
from shared.metrics import Metrics


class PortalMetrics:
    """Counts what was kept, by type of event."""

    def __init__(self, metrics: Metrics, event_types: Collection[str]) -> None:
        self._service = metrics.service
        self._kept = metrics.counter(
            "cppp_portal_facts", "Events kept for the site, repeats included.", "event_type"
        )
        for each in event_types:
            self._kept.labels(self._service, each)

    def count(self, facts: Sequence[Fact | Entry]) -> None:
        """Count what was kept of one batch."""
        for event_type, number in Counter(each.kind for each in facts).items():
            self._kept.labels(self._service, event_type).inc(number)
