from prometheus_client import CollectorRegistry, Gauge

from services.operations.sources.lag import GroupLag, read_lag

LABELS = ("group", "topic", "partition")


def test_a_group_is_as_late_as_its_latest_partition():
    registry = CollectorRegistry()
    records = Gauge("kafka_consumergroup_group_lag", "", LABELS, registry=registry)
    seconds = Gauge("kafka_consumergroup_group_lag_seconds", "", LABELS, registry=registry)
    for partition, late in enumerate((0, 70)):
        records.labels("notify", "t", partition).set(late / 10)
        seconds.labels("notify", "t", partition).set(late)

    assert read_lag(registry) == {"notify": GroupLag(records=7, seconds=70)}
