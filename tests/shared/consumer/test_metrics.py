"""The metrics of a consumer group."""

from prometheus_client import generate_latest

from shared.consumer.metrics import BatchMetrics
from shared.metrics import Metrics


def test_the_ages_of_events_begin_at_0():
    """An alert on a new service selects something before the first event."""
    metrics = Metrics("journal")

    BatchMetrics(metrics, "journal", [], ["CaseRuled"])

    series = 'cppp_event_age_seconds_count{event_type="CaseRuled",service="journal"} 0.0'
    assert series in generate_latest(metrics.registry).decode()
