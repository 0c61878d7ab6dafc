"""Watches for transactions that stay open: they hold every reader of their partition.

Readers come no further than the last stable offset: the first record of the oldest open
transaction. Kafka aborts a transaction at its producer's own time-out; one that hangs for longer
needs a person.
"""

import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.consumer.positions import positions


class _Hold(NamedTuple):
    """The offset at which a reader is held, and since when (monotonic seconds)."""

    offset: int
    since: float


class OpenTransactions:
    """The partitions of one member that an open transaction holds, by how long it does."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._holds: dict[TopicPartition, _Hold] = {}

    def look(self, consumer: AIOKafkaConsumer) -> None:
        """Note which partitions are held now; the member must have read all that it may read."""
        now = self._clock()
        known = self._holds
        self._holds = {
            each: before
            if (before := known.get(each)) and before.offset == offset
            else _Hold(offset, now)
            for each, offset in _held(consumer)
        }

    def seconds_by_topic(self) -> dict[str, float]:
        """Return for each topic how long the longest of its holds has lasted."""
        now = self._clock()
        seconds: dict[str, float] = {}
        for partition, hold in self._holds.items():
            seconds[partition.topic] = max(now - hold.since, seconds.get(partition.topic, 0.0))
        return seconds

    def longer_than(self, seconds: float) -> list[str]:
        """Return where readers have been held for longer: topic, partition and offset."""
        before = self._clock() - seconds
        return [
            f"{each.topic}/{each.partition}@{hold.offset}"
            for each, hold in sorted(self._holds.items())
            if hold.since < before
        ]


def _held(consumer: AIOKafkaConsumer) -> Iterable[tuple[TopicPartition, int]]:
    for partition, position in positions(consumer).items():
        stable = consumer.last_stable_offset(partition)
        end = consumer.highwater(partition)
        if stable is not None and end is not None and 0 <= stable <= position < end:
            yield partition, position
