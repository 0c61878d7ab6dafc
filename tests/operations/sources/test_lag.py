from prometheus_client import CollectorRegistry, Gauge

from services.operations.sources.lag import GroupLag, LagSeen, read_lag

LABELS = ("group", "topic", "partition")


def test_a_group_is_as_late_as_its_latest_partition():
    registry = CollectorRegistry()
    records = Gauge("kafka_consumergroup_group_lag", "", LABELS, registry=registry)
    seconds = Gauge("kafka_consumergroup_group_lag_seconds", "", LABELS, registry=registry)
    members = Gauge("kafka_consumergroup_members", "", ["group"], registry=registry)
    known = Gauge("cppp_consumer_group_registered", "", ["group"], registry=registry)
    at = Gauge("kafka_lag_exporter_last_update_timestamp_seconds", "", registry=registry)
    for partition, late in enumerate((0, 70)):
        records.labels("notify", "t", partition).set(late / 10)
        seconds.labels("notify", "t", partition).set(late)
    members.labels("notify").set(3)
    known.labels("tried").set(0)
    at.set(17)

    assert read_lag(registry) == LagSeen(
        {
            "notify": GroupLag(records=7, seconds=70, members=3),
            "tried": GroupLag(is_registered=False),
        },
        17,
    )
