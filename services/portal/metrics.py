"""The metrics of this service, beside those of every service."""

from collections import Counter
from collections.abc import Collection, Sequence

from services.portal.rules import Fact
from services.portal.self_check.eligibility import OUTCOMES
from shared.metrics import Metrics


class PortalMetrics:
    """Counts what was kept, by type of event, and how the calls of the self-check ended."""

    def __init__(self, metrics: Metrics, event_types: Collection[str]) -> None:
        self._service = metrics.service
        self._kept = metrics.counter(
            "cppp_portal_facts", "Events kept for the site, repeats included.", "event_type"
        )
        for each in event_types:
            self._kept.labels(self._service, each)
        self._assessments = metrics.counter(
            "cppp_portal_assessments",
            "Calls of the self-check to eligibility, by how they ended.",
            "outcome",
        )
        for each in OUTCOMES:
            self._assessments.labels(self._service, each)

    def count(self, facts: Sequence[Fact]) -> None:
        """Count the facts of one batch."""
        for event_type, number in Counter(each.kind for each in facts).items():
            self._kept.labels(self._service, event_type).inc(number)

    def count_assessment(self, outcome: str) -> None:
        """Count a call to `eligibility`."""
        self._assessments.labels(self._service, outcome).inc()
