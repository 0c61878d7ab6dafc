"""The ages of events, as Prometheus reads them."""

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Histogram, generate_latest

from shared.metrics import EventAge

MEANING = "Time from an event's own timestamp to the end of its handling."
BOUNDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600)
AGES = st.lists(st.sampled_from([0.0, 0.0625, 0.25, 0.5, 3.0, 600.0, 601.0]), min_size=1)


def lines(registry: CollectorRegistry) -> list[str]:
    return [
        line for line in generate_latest(registry).decode().splitlines() if "_created" not in line
    ]


@given(st.lists(AGES, max_size=3), AGES)
def test_observing_batches_equals_observing_one_by_one_with_the_clients_histogram(batches, others):
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    age = EventAge("eligibility", ours)
    names = ("service", "event_type")
    expected = Histogram("cppp_event_age_seconds", MEANING, names, buckets=BOUNDS, registry=theirs)

    for kind, ages in [*(("Submitted", each) for each in batches), ("Amended", others)]:
        age.observe(kind, ages)
        for each in ages:
            expected.labels("eligibility", kind).observe(each)

    assert lines(ours) == lines(theirs)


def test_there_are_no_samples_before_the_first_event():
    registry = CollectorRegistry()
    EventAge("eligibility", registry)

    assert [line for line in lines(registry) if not line.startswith("#")] == []
