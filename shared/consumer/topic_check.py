"""Makes sure that positions belong to the topics that are read.

Offsets are numbers: those of a topic that was deleted and made anew, or of another cluster, look
like any others. Where the other topic reaches past them, records would be skipped in silence.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from shared.consumer.rebalance import RebalanceListener
from shared.errors import TransientError
from shared.kafka.topic_ids import TopicIdentity, TopicIds

log = structlog.get_logger()

ANOTHER_TOPIC: Final = "offset-of-another-topic"
ANOTHER_CLUSTER: Final = "offset-of-another-cluster"
_ANSWER_SECONDS: Final = 5.0
Commits = dict[TopicPartition, tuple[int, str]]
"""Offsets with what is committed beside them."""


class OtherTopicError(Exception):
    """Positions belong to another topic of the same name: a person has to say where to go on."""

    def __init__(self, places: str, expected: TopicIdentity, found: TopicIdentity) -> None:
        is_same_cluster = expected.cluster_id == found.cluster_id
        self.because = ANOTHER_TOPIC if is_same_cluster else ANOTHER_CLUSTER
        self.details = {
            "positions": places,
            "belong_to": expected.text,
            "but_is": found.text,
            "action": "The group's offsets must be set anew: docs/runbooks/services.md",
        }
        super().__init__(places)


class TopicCheck:
    """Compares the topics of one group, as they are now, with those that its positions belong to.

    A position belongs to the topic whose identity was committed with its offset. One that was
    committed without an identity, by an earlier release or an operator, is adopted and logged; the
    next commit writes the identity.
    """

    def __init__(self, ids: TopicIds) -> None:
        self._ids = ids
        self._read: dict[str, TopicIdentity] = {}

    async def look(self) -> None:
        """Compare all topics that this process has read from with what they are now.

        Raises `OtherTopicError` if one is another topic, and `TransientError` while Kafka does not
        answer.
        """
        if self._read:
            self._compare(await self._ids.of(self._read))

    def _compare(self, now: Mapping[str, TopicIdentity]) -> None:
        for topic, identity in now.items():
            _expect(topic, self._read.get(topic, identity), identity)

    def note(self, commits: Commits) -> None:
        """Note of which topics offsets are committed: positions in them are worth something."""
        for partition, (_, text) in commits.items():
            if identity := TopicIdentity.parse(text):
                self._read[partition.topic] = identity

    async def verify(self, consumer: AIOKafkaConsumer, listener: RebalanceListener) -> None:
        """Verify the positions of all assigned partitions that are not verified yet.

        Raises as `look` does, and `TransientError` if a topic does not exist now.
        """
        verified, committed = listener.identities, listener.committed
        partitions = unverified_partitions(consumer, listener)
        topics = {each.topic for each in partitions}
        now = await self._ids.of(topics)
        if self._ids.are_known and (missing := topics - now.keys()):
            raise TransientError(", ".join(sorted(missing)))
        self._compare(now)
        kept = await _committed(consumer, partitions)
        if adopted := _without_identity(kept, now):
            # Log: Committed positions carried no id of their topic, as after an upgrade or a
            # command of Kafka's; they were taken as they are.
            log.warning("consumer.positions_adopted", without_topic_id=adopted)
        with_identity = {tp: each for tp, each in kept.items() if TopicIdentity.parse(each[1])}
        self.note(with_identity)
        committed |= {partition: offset for partition, (offset, _) in with_identity.items()}
        verified |= {each: now.get(each.topic) for each in partitions}


def unverified_partitions(
    consumer: AIOKafkaConsumer, listener: RebalanceListener
) -> list[TopicPartition]:
    """Return the assigned partitions whose positions are not verified."""
    return [each for each in consumer.assignment() if each not in listener.identities]


def commits(
    offsets: Mapping[TopicPartition, int], identities: Mapping[TopicPartition, TopicIdentity | None]
) -> Commits:
    """Return what to commit: each offset, and the topic that it belongs to."""
    return {
        partition: (offset, identity.text if (identity := identities.get(partition)) else "")
        for partition, offset in offsets.items()
    }


async def _committed(consumer: AIOKafkaConsumer, partitions: list[TopicPartition]) -> Commits:
    # aiokafka's own method for this returns offsets without their metadata.
    coordinator: Any = consumer._coordinator  # noqa: SLF001
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            found = await coordinator.fetch_committed_offsets(partitions)
    except (KafkaError, TimeoutError) as error:
        raise TransientError from error
    return {partition: (each.offset, each.metadata) for partition, each in found.items()}


def _without_identity(kept: Commits, now: Mapping[str, TopicIdentity]) -> list[str]:
    """Return the positions to adopt; raises `OtherTopicError` for one of another topic."""
    adopted = []
    for partition, (offset, text) in sorted(kept.items()):
        place = f"{partition.topic}/{partition.partition}@{offset}"
        expected, found = TopicIdentity.parse(text), now.get(partition.topic)
        if expected and found:
            _expect(place, expected, found)
        elif found and offset > 0:
            adopted.append(place)
    return adopted


def _expect(place: str, expected: TopicIdentity, found: TopicIdentity) -> None:
    if expected != found:
        raise OtherTopicError(place, expected, found)
