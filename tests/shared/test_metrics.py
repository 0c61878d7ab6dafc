"""The ages of events, as Prometheus reads them."""

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Histogram, generate_latest

from shared.metrics import Metrics

MEANING = "Time from an event's own timestamp to the end of its handling."
BOUNDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600)
AGES = st.lists(st.sampled_from([0.0, 0.0625, 0.25, 0.5, 3.0, 600.0, 601.0]), min_size=1)


def lines(registry: CollectorRegistry) -> list[str]:
    text = generate_latest(registry).decode().splitlines()
    return [line for line in text if "cppp_event_age_seconds" in line and "_created" not in line]


@given(st.lists(AGES, max_size=3), AGES)
def test_observing_batches_equals_observing_one_by_one_with_the_clients_histogram(batches, others):
    ours, theirs = Metrics("eligibility"), CollectorRegistry()
    names = ("service", "event_type")
    expected = Histogram("cppp_event_age_seconds", MEANING, names, buckets=BOUNDS, registry=theirs)

    for kind, ages in [*(("Submitted", each) for each in batches), ("Amended", others)]:
        ours.event_age.observe(ages, kind)
        for each in ages:
            expected.labels("eligibility", kind).observe(each)

    assert lines(ours.registry) == lines(theirs)


def test_there_are_no_samples_before_the_first_event():
    text = lines(Metrics("eligibility").registry)

    assert [line for line in text if not line.startswith("#")] == []


def test_a_batch_of_500_is_500_ages_and_a_step_that_is_announced_begins_at_0():
    metrics = Metrics("eligibility")
    labels = '{from="accepted",service="eligibility",to="decided"}'

    metrics.end_to_end.observe((), "accepted", "decided")
    assert f"cppp_end_to_end_seconds_count{labels} 0.0" in text_of(metrics)

    metrics.end_to_end.observe([2.0] * 499 + [61.0], "accepted", "decided")
    assert f"cppp_end_to_end_seconds_count{labels} 500.0" in text_of(metrics)
    in_time = labels.replace('",service', '",le="60.0",service')
    assert f"cppp_end_to_end_seconds_bucket{in_time} 499.0" in text_of(metrics)


def text_of(metrics: Metrics) -> str:
    return generate_latest(metrics.registry).decode()
