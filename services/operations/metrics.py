"""The metrics of lag, named as in klag-exporter, so that existing boards and rules work.

They are built when they are scraped, from what was last read: no scrape asks Kafka. Seconds are
those of the last reading, and grow with the clock once the next one is overdue. What is not known
has no value: 0 would look healthy.
"""

import time
from collections.abc import Callable, Iterable, Sequence

from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.registry import Collector
from typing_extensions import override

from shared.lag.model import Lags, PartitionLag, by_topic, most_seconds
from shared.metrics import Metrics


class LagMetrics(Collector):
    """Shows what `lags` returns, which are current for `current_seconds`."""

    def __init__(
        self,
        metrics: Metrics,
        lags: Callable[[], Lags],
        current_seconds: float,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._service = metrics.service
        self._lags = lags
        self._current_seconds = current_seconds
        self._now = now
        metrics.registry.register(self)

    @override
    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Return the metrics; called by the registry."""
        lags = self._lags()
        now = lags.clock(self._now(), self._current_seconds)
        yield from self._of_partitions(lags, now)
        yield from self._of_topics(lags, now)
        yield from self._of_groups(lags, now)
        yield from self._of_offsets(lags)
        updated = GaugeMetricFamily(
            "kafka_lag_exporter_last_update_timestamp_seconds",
            "When these figures were last read from Kafka; 0 before the first time.",
            labels=("service",),
        )
        updated.add_metric((self._service,), lags.at)
        yield updated

    def _of_partitions(self, lags: Lags, now: float) -> Iterable[GaugeMetricFamily]:
        offset = GaugeMetricFamily(
            "kafka_consumergroup_group_offset",
            "The offset that the group has committed; none if it has committed nothing.",
            labels=("service", "group", "topic", "partition"),
        )
        records = GaugeMetricFamily(
            "kafka_consumergroup_group_lag",
            "Offsets from the first record that the group has not committed to the end.",
            labels=("service", "group", "topic", "partition"),
        )
        seconds = GaugeMetricFamily(
            "kafka_consumergroup_group_lag_seconds",
            "Age of the first record that the group has not committed, since it was written.",
            labels=("service", "group", "topic", "partition"),
        )
        for each in lags.partitions:
            labels = (self._service, each.group, each.topic, str(each.partition))
            records.add_metric(labels, each.records)
            if each.committed is not None:
                offset.add_metric(labels, each.committed)
            if (age := each.seconds(now)) is not None:
                seconds.add_metric(labels, age)
        return offset, records, seconds

    def _of_topics(self, lags: Lags, now: float) -> Iterable[GaugeMetricFamily]:
        total = GaugeMetricFamily(
            "kafka_consumergroup_group_topic_sum_lag",
            "The lag of the group on all partitions of the topic.",
            labels=("service", "group", "topic"),
        )
        most = GaugeMetricFamily(
            "kafka_consumergroup_group_topic_max_lag_seconds",
            "The longest lag in seconds of the group on the topic; none if it is not known.",
            labels=("service", "group", "topic"),
        )
        for group, rows in lags.by_group().items():
            for topic, of_topic in by_topic(rows).items():
                labels = (self._service, group, topic)
                total.add_metric(labels, sum(each.records for each in of_topic))
                if (age := most_seconds(of_topic, now)) is not None:
                    most.add_metric(labels, age)
        return total, most

    def _of_groups(self, lags: Lags, now: float) -> Iterable[GaugeMetricFamily]:
        yield from self._members(lags)
        total = GaugeMetricFamily(
            "kafka_consumergroup_group_sum_lag",
            "The lag of the group on all partitions that it reads.",
            labels=("service", "group"),
        )
        most = GaugeMetricFamily(
            "kafka_consumergroup_group_max_lag",
            "The largest lag of the group on a partition.",
            labels=("service", "group"),
        )
        longest = GaugeMetricFamily(
            "kafka_consumergroup_group_max_lag_seconds",
            "The longest lag in seconds of the group on a partition; none if it is not known.",
            labels=("service", "group"),
        )
        for group, rows in lags.by_group().items():
            if records := _records(rows):
                total.add_metric((self._service, group), sum(records))
                most.add_metric((self._service, group), max(records))
            if (age := most_seconds(rows, now)) is not None:
                longest.add_metric((self._service, group), age)
        yield from (total, most, longest)

    def _members(self, lags: Lags) -> Iterable[GaugeMetricFamily]:
        registered = GaugeMetricFamily(
            "cppp_consumer_group_registered",
            "1 if the group is that of a service, so that it must have members.",
            labels=("service", "group"),
        )
        members = GaugeMetricFamily(
            "kafka_consumergroup_members",
            "Members of the group: without any, its lag only grows. None if Kafka does not tell.",
            labels=("service", "group"),
        )
        for each in lags.groups:
            registered.add_metric((self._service, each.name), int(each.registered))
            if each.members is not None:
                members.add_metric((self._service, each.name), each.members)
        return registered, members

    def _of_offsets(self, lags: Lags) -> Iterable[GaugeMetricFamily]:
        earliest = GaugeMetricFamily(
            "kafka_partition_earliest_offset",
            "The first offset of the partition.",
            labels=("service", "topic", "partition"),
        )
        latest = GaugeMetricFamily(
            "kafka_partition_latest_offset",
            "The end of the partition, up to which committed records may be read.",
            labels=("service", "topic", "partition"),
        )
        for (topic, partition), found in lags.ranges.items():
            labels = (self._service, topic, str(partition))
            earliest.add_metric(labels, found.start)
            latest.add_metric(labels, found.end)
        return earliest, latest


def _records(rows: Sequence[PartitionLag]) -> list[int]:
    return [each.records for each in rows]
