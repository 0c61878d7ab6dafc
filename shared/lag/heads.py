"""The first record that a group has not committed, and when it was written.

It is looked for among what a committed reader sees: not among markers of transactions, aborted
records, or offsets that compaction has emptied. What was found is remembered, so a group that has
not moved costs no request.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, NamedTuple

from aiokafka import TopicPartition
from aiokafka.consumer.fetcher import READ_COMMITTED, PartitionRecords
from aiokafka.errors import KafkaError
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.record.memory_records import MemoryRecords

from shared.kafka.record import KafkaRecord
from shared.lag.arrivals import Arrivals
from shared.lag.cluster import Cluster

# Brokers answer with whole batches: at least one for the first partition of a request, and for the
# others as many as fit into this. One of which the first batch does not fit is first next time.
# Measured: at 16 KiB, nearly every place of a busy topic takes a request of its own.
_PARTITION_BYTES: Final = 128 * 1024
_ANSWER_BYTES: Final = 4 * 1024 * 1024
_WITH_REPLICA: Final = 11  # the version of answers


class Place(NamedTuple):
    """An offset of a topic that no other has: a topic made anew has another id."""

    topic_id: str
    partition: TopicPartition
    offset: int


class Head(NamedTuple):
    """How far was looked from a place, and when the record there was written, if there is one."""

    offset: int
    written: float | None = None


class Heads:
    """Finds and remembers heads."""

    def __init__(self, arrivals: Arrivals) -> None:
        self._arrivals = arrivals
        self._known: dict[Place, Head] = {}

    async def find(
        self, cluster: Cluster, places: Iterable[Place], ends: Mapping[TopicPartition, int]
    ) -> Mapping[Place, Head]:
        """Return the head of each place; other places are forgotten.

        If it is cancelled, the next call continues where this one has stopped.
        """
        self._known = {each: self._known.get(each, Head(each.offset)) for each in places}
        while missing := [each for each in self._known if self._is_missing(each, ends)]:
            await self._read(cluster, missing)
        return self._known

    def so_far(self) -> Mapping[Place, Head]:
        """Return what the last call has found."""
        return self._known

    def _is_missing(self, place: Place, ends: Mapping[TopicPartition, int]) -> bool:
        head = self._known[place]
        return head.written is None and head.offset < ends[place.partition]

    async def _read(self, cluster: Cluster, missing: Sequence[Place]) -> None:
        """Read on, each partition at the first place of it that is missing."""
        first = {each.partition: each for each in reversed(missing)}
        leaders = cluster.by_leader(first)
        asked = [self._fetch(cluster, node, [first[e] for e in p]) for node, p in leaders.items()]
        moved = await asyncio.gather(*asked)
        for each in first.values() if not any(moved) else ():
            # No leader answers, or its batch is damaged: unknown until the next call.
            self._known.pop(each)

    async def _fetch(self, cluster: Cluster, node: int, places: Sequence[Place]) -> bool:
        answer = await cluster.send(node, self._request(places))
        wanted = {each.partition: each for each in places}
        moved = False
        for topic, partitions in answer.topics:
            for partition, code, *rest in partitions:
                place = wanted[TopicPartition(topic, partition)]
                if not code:
                    # Newer versions name the preferred replica between the two.
                    aborted = rest[-3] if answer.API_VERSION >= _WITH_REPLICA else rest[-2]
                    moved |= self._move(place, aborted, rest[-1])
        return moved

    def _request(self, places: Sequence[Place]) -> FetchRequest:
        topics: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
        for each in places:
            topic, partition = each.partition
            topics[topic].append((partition, self._known[each].offset, _PARTITION_BYTES))
        return FetchRequest(0, 0, _ANSWER_BYTES, READ_COMMITTED, [*topics.items()])

    def _move(self, place: Place, aborted: Any, batches: bytes) -> bool:
        """Look on from where a place was looked before; return whether that led any further."""
        before = self._known[place]
        with suppress(KafkaError):  # a batch is damaged
            if batches:
                self._known[place] = self._head(place, aborted, batches)
        return self._known[place] != before

    def _head(self, place: Place, aborted: Any, batches: bytes) -> Head:
        read = PartitionRecords(
            place.partition,
            MemoryRecords(batches),
            aborted,
            self._known[place].offset,
            None,
            None,
            True,  # noqa: FBT003  # check checksums
            READ_COMMITTED,
        )
        record: KafkaRecord | None = next(read, None)
        if record:
            return Head(record.offset, self._arrivals.written(place.topic_id, record))
        return Head(read.next_fetch_offset)
