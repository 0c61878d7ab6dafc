"""The ages of events, as Prometheus reads them."""

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as openmetrics_text
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics

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


def exemplars_of(metrics: Metrics) -> list[tuple[str, str, float]]:
    families = openmetrics(openmetrics_text(metrics.registry).decode())
    return [
        (each.labels["le"], each.exemplar.labels["trace_id"], each.exemplar.value)
        for family in families
        for each in family.samples
        if each.exemplar
    ]


def test_a_trace_is_the_exemplar_of_the_bucket_of_its_age_until_the_next_one():
    metrics = Metrics("eligibility")
    metrics.end_to_end.observe([2.0, 61.0], "accepted", "decided")
    for seconds, trace in [(1.5, "earlier"), (2.0, "later"), (61.0, "slow"), (4000.0, "slowest")]:
        metrics.end_to_end.exemplify(seconds, {"trace_id": trace}, "accepted", "decided")
    metrics.end_to_end.exemplify(0.1, None, "accepted", "decided")

    assert exemplars_of(metrics) == [
        ("2.5", "later", 2.0),
        ("300.0", "slow", 61.0),
        ("+Inf", "slowest", 4000.0),
    ]
    assert "trace_id" not in text_of(metrics)
