"""Reads the lag of every consumer group from Kafka."""

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from shared.errors import TransientError
from shared.events.envelope import dead_letter_topic
from shared.kafka.topic_ids import TopicIds
from shared.lag.arrivals import Arrivals
from shared.lag.cluster import Cluster
from shared.lag.heads import Heads, Place
from shared.lag.model import Group, Lags, PartitionLag, Range
from shared.settings import KafkaSettings

_ANSWER_SECONDS: Final = 30.0
_HEAD_SECONDS: Final = 10.0
_DEAD_LETTERS: Final = dead_letter_topic("").name
_Committed = Mapping[TopicPartition, int]


class LagReader:
    """A connection that is kept, with what was read of records.

    It knows the groups that Kafka lists and those that have a topic for dead letters, even if Kafka
    has forgotten their offsets, and beside them the `expected` ones, each with the topics that it
    should read.
    """

    def __init__(
        self,
        settings: KafkaSettings,
        expected: Mapping[str, Collection[str]] | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._expected = expected or {}
        self._now = now
        self._ids = TopicIds(settings)
        self._arrivals = Arrivals()
        self._heads = Heads(self._arrivals)
        self._cluster: Cluster | None = None

    async def read(self) -> Lags:
        """Return the lags of now. Raises `TransientError` if Kafka does not answer."""
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                return await self._read()
        except (KafkaError, OSError, TimeoutError) as error:
            await self._disconnect()  # the next call looks for brokers anew
            raise TransientError from error

    async def close(self) -> None:
        """Close the connections."""
        await self._ids.close()
        await self._disconnect()

    @property
    def requests(self) -> int:
        """How many requests were sent since the last time that it connected."""
        return self._cluster.requests if self._cluster else 0

    async def _disconnect(self) -> None:
        cluster, self._cluster = self._cluster, None
        if cluster:
            with suppress(KafkaError, OSError):
                await cluster.close()

    async def _read(self) -> Lags:
        if self._cluster is None:
            self._cluster = await Cluster.connect(self._settings)
        cluster = self._cluster
        await cluster.refresh()
        groups, committed = await self._groups(cluster)
        topics = {topic for each in groups for topic in each.topics}
        # Ends after commits: the other way round a group could be ahead of its partition.
        ranges = await cluster.ranges(cluster.partitions(topics))
        at = self._now()
        rows = [row for each in groups for row in _rows(each, committed, ranges)]
        return Lags(at, groups, await self._aged(cluster, rows, ranges, at), ranges)

    async def _groups(self, cluster: Cluster) -> tuple[list[Group], Mapping[str, _Committed]]:
        listed = await cluster.groups()
        described = await asyncio.gather(*(cluster.describe(*each) for each in listed.items()))
        places = [(node, group) for node, groups in listed.items() for group in groups]
        commits = await asyncio.gather(*(cluster.committed(*each) for each in places))
        committed = {group: each for (_, group), each in zip(places, commits, strict=True)}
        known = {each.name: each for groups in described for each in groups}
        registered = {*self._expected, *_registered(cluster.topics())}
        groups = [
            replace(
                known.get(name, Group(name, 0)),
                topics=self._topics(known.get(name), name, committed),
                registered=name in registered,
            )
            for name in sorted({*known, *registered})
        ]
        return groups, committed

    def _topics(
        self, group: Group | None, name: str, committed: Mapping[str, _Committed]
    ) -> frozenset[str]:
        """Return all topics that a group reads, has read, or should read."""
        read = {topic for topic, _ in committed.get(name, ())}
        subscribed = group.topics if group else frozenset()
        return subscribed.union(read, self._expected.get(name, ()))

    async def _aged(
        self,
        cluster: Cluster,
        rows: Sequence[PartitionLag],
        ranges: Mapping[TopicPartition, Range],
        at: float,
    ) -> list[PartitionLag]:
        """Return the rows with the first record of each that is behind."""
        found = await self._ids.of({each.topic for each in ranges})
        ids = {topic: each.topic_id for topic, each in found.items()}
        ends = {each: found.end for each, found in ranges.items()}
        self._arrivals.see(ids, ends, at)
        places = {row: _place(row, ids, ranges) for row in rows if row.records}
        with suppress(TimeoutError):  # it goes on next time; until then their age is unknown
            async with asyncio.timeout(_HEAD_SECONDS):
                await self._heads.find(cluster, places.values(), ends)
        return [self._with_head(row, places.get(row), ends) for row in rows]

    def _with_head(
        self, row: PartitionLag, place: Place | None, ends: Mapping[TopicPartition, int]
    ) -> PartitionLag:
        head = place and self._heads.so_far().get(place)
        if not place or not head:
            return row
        records = max(0, ends[place.partition] - head.offset)
        return PartitionLag(
            row.group, row.topic, row.partition, row.committed, records, head.written
        )


def _rows(
    group: Group,
    committed: Mapping[str, _Committed],
    ranges: Mapping[TopicPartition, Range],
) -> Iterable[PartitionLag]:
    offsets = committed.get(group.name, {})
    for each, found in sorted(ranges.items()):
        if each.topic in group.topics:
            offset = offsets.get(each)
            records = max(0, found.end - max(offset or 0, found.start))
            yield PartitionLag(group.name, *each, offset, records, None)


def _place(
    row: PartitionLag, ids: Mapping[str, str], ranges: Mapping[TopicPartition, Range]
) -> Place:
    partition = TopicPartition(row.topic, row.partition)
    start = max(row.committed or 0, ranges[partition].start)
    return Place(ids.get(row.topic, row.topic), partition, start)


def _registered(topics: Iterable[str]) -> Iterable[str]:
    """Name the groups of services: each makes a topic for its dead letters when it starts."""
    return (each.removesuffix(_DEAD_LETTERS) for each in topics if each.endswith(_DEAD_LETTERS))
