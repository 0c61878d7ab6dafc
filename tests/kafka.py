"""Kafka as tests see it from outside: an independent client, not the one that services use."""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar
from uuid import uuid4

from aiokafka.admin import AIOKafkaAdminClient
from confluent_kafka import (
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    ResourceType,
)

from shared.events.envelope import CE_RECORDEDTIME
from tests.waiting import DEADLINE_SECONDS, eventually

T = TypeVar("T")
_REQUEST_SECONDS = 5.0
_NOBODY_EXPIRES_MS = 15 * 60 * 1000  # the longest that a broker allows by default
_COORDINATOR_MOVES = {
    KafkaError._TIMED_OUT,  # noqa: SLF001 - librdkafka's own codes begin so
    KafkaError.NOT_COORDINATOR,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
}


def repeated_headers(record: Message) -> list[tuple[str, bytes | None]]:
    """Return the headers that are the same in every repeat: all but when it was written."""
    return [each for each in record.headers() or () if each[0] != CE_RECORDEDTIME]


class Transaction:
    """Records of one transaction, which stays open until it is committed or aborted."""

    def __init__(self, bootstrap_servers: str) -> None:
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap_servers,
                "transactional.id": f"test-{uuid4()}",
                "transaction.timeout.ms": _NOBODY_EXPIRES_MS,
            }
        )
        self._producer.init_transactions(DEADLINE_SECONDS)
        self._producer.begin_transaction()

    def write(self, topic: str, record: Any) -> None:
        """Write one record, and wait until it is in the topic's log."""
        headers = list(record.headers)
        self._producer.produce(topic, record.value, record.key, headers=headers)
        assert self._producer.flush(DEADLINE_SECONDS) == 0

    def commit(self) -> None:
        self._producer.commit_transaction(DEADLINE_SECONDS)

    def abort(self) -> None:
        self._producer.abort_transaction(DEADLINE_SECONDS)


class KafkaClient:
    """Writes and reads records on librdkafka; it reads committed records only."""

    def __init__(self, bootstrap_servers: str) -> None:
        self._servers = bootstrap_servers
        self._producer = Producer({"bootstrap.servers": bootstrap_servers, "acks": "all"})
        self._admin = AdminClient({"bootstrap.servers": bootstrap_servers})

    def write(
        self,
        topic: str,
        value: bytes | None,
        headers: Sequence[tuple[str, bytes | None]] = (),
        key: bytes | None = None,
        timestamp_ms: int = 0,
    ) -> None:
        """Write one record and wait for its confirmation; 0 means a timestamp of now."""
        self._producer.produce(topic, value, key, headers=list(headers), timestamp=timestamp_ms)
        assert self._producer.flush(DEADLINE_SECONDS) == 0

    def transaction(self) -> Transaction:
        """Begin a transaction."""
        return Transaction(self._servers)

    def write_compressed(self, topic: str, record: Any, codec: str) -> None:
        """Write one record in a batch that is compressed."""
        producer = Producer({"bootstrap.servers": self._servers, "compression.type": codec})
        producer.produce(topic, record.value, record.key, headers=list(record.headers))
        assert producer.flush(DEADLINE_SECONDS) == 0

    def write_as_java_does(self, topic: str, keys: Sequence[str]) -> None:
        """Write a record for each key where Kafka's own client would put it."""
        settings = {"bootstrap.servers": self._servers, "partitioner": "murmur2"}
        producer = Producer(settings)
        for key in keys:
            producer.produce(topic, b"theirs", key)
        assert producer.flush(DEADLINE_SECONDS) == 0

    def read(self, topic: str) -> list[Message]:
        """Read everything that is on a topic now, in the order of each partition."""
        consumer = self._consumer()
        try:
            marks = _watermarks(consumer, topic)
            unread = {part: begin for part, (begin, end) in marks.items() if begin < end}
            consumer.assign([TopicPartition(topic, *each) for each in unread.items()])
            return list(_to_the_end(consumer, set(unread)))
        finally:
            consumer.close()

    def topics(self) -> list[str]:
        """Name the topics that there are."""
        consumer = self._consumer()
        try:
            return list(consumer.list_topics(timeout=DEADLINE_SECONDS).topics)
        finally:
            consumer.close()

    def committed(self, group: str, topic: str) -> int:
        """Count the records of a topic that lie before the group's committed offsets."""
        consumer = self._consumer(group)
        try:
            parts = [TopicPartition(topic, part) for part in _ends(consumer, topic)]
            ask = partial(consumer.committed, parts, timeout=DEADLINE_SECONDS)
            [found] = eventually(lambda: _if_coordinated(ask))
            return sum(max(0, each.offset) for each in found)
        finally:
            consumer.close()

    def configure(self, topic: str, settings: Mapping[str, str]) -> None:
        """Change settings of a topic."""
        entries = [
            ConfigEntry(*each, incremental_operation=AlterConfigOpType.SET)
            for each in settings.items()
        ]
        resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=entries)
        [future] = self._admin.incremental_alter_configs([resource]).values()
        future.result(DEADLINE_SECONDS)

    def cluster_id(self) -> str:
        return str(self._admin.describe_cluster().result(DEADLINE_SECONDS).cluster_id)

    def topic_id(self, topic: str) -> str:
        [future] = self._admin.describe_topics(TopicCollection([topic])).values()
        topic_id = str(future.result(DEADLINE_SECONDS).topic_id)
        return topic_id.replace("/", "_").replace("+", "-")  # as Kafka itself writes it

    def delete_topic(self, topic: str) -> None:
        """Delete a topic with all its records."""
        [future] = self._admin.delete_topics([topic]).values()
        future.result(DEADLINE_SECONDS)

    def add_partitions(self, topic: str, total: int) -> None:
        """Add partitions to a topic, up to a total number."""
        [future] = self._admin.create_partitions([NewPartitions(topic, total)]).values()
        future.result(DEADLINE_SECONDS)

    def groups(self) -> list[str]:
        """Name the consumer groups that the broker knows."""
        found = self._admin.list_consumer_groups().result(DEADLINE_SECONDS)
        return [each.group_id for each in found.valid]

    def delete_group(self, group: str) -> None:
        """Delete a consumer group that has no members, with its offsets."""
        [future] = self._admin.delete_consumer_groups([group]).values()
        future.result(DEADLINE_SECONDS)

    def commits(self, group: str, topic: str) -> dict[int, tuple[int, str]]:
        """Return the offsets that a group has committed on a topic, with what it wrote to them.

        By aiokafka, in a thread of its own: librdkafka's client reads beyond the end of that text.
        """
        with ThreadPoolExecutor(1) as pool:
            found = pool.submit(asyncio.run, _committed(self._servers, group)).result()
        return {part: commit for (name, part), commit in found.items() if name == topic}

    def commit(self, group: str, topic: str, commits: Mapping[int, tuple[int, str]]) -> None:
        """Commit offsets for a group that has no members, with metadata."""
        consumer = self._consumer(group)
        try:
            offsets = [TopicPartition(topic, part, *each) for part, each in commits.items()]
            commit = partial(consumer.commit, offsets=offsets, asynchronous=False)
            eventually(lambda: _if_coordinated(commit))
        finally:
            consumer.close()

    def end(self, topic: str) -> int:
        """Count the records that were ever appended to a topic."""
        consumer = self._consumer()
        try:
            return sum(_ends(consumer, topic).values())
        finally:
            consumer.close()

    def delete_before(self, topic: str, offset: int) -> None:
        """Delete the records before an offset, in every partition that has so many."""
        consumer = self._consumer()
        ends = _ends(consumer, topic)
        consumer.close()
        asked = [TopicPartition(topic, part, min(offset, end)) for part, end in ends.items()]
        for future in self._admin.delete_records(asked).values():
            future.result(DEADLINE_SECONDS)

    def members(self, group: str) -> Sequence[Any]:
        """Return the descriptions of a consumer group's members.

        Asked again while the group's coordinator moves, as after a broker's restart.
        """
        found: list[Sequence[Any]] = eventually(lambda: self._described_members(group))
        return found[0]

    def _described_members(self, group: str) -> list[Sequence[Any]]:
        asked = self._admin.describe_consumer_groups([group], request_timeout=_REQUEST_SECONDS)
        [future] = asked.values()
        return _if_coordinated(lambda: future.result(DEADLINE_SECONDS).members)

    def _consumer(self, group: str = "") -> Any:
        return Consumer(
            {
                "bootstrap.servers": self._servers,
                "group.id": group or f"reader-{uuid4()}",
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "isolation.level": "read_committed",
                "enable.partition.eof": True,
            }
        )


async def _committed(servers: str, group: str) -> dict[tuple[str, int], tuple[int, str]]:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        found = await admin.list_consumer_group_offsets(group)
    finally:
        await admin.close()
    return {
        (topic, part): (offset, metadata.rstrip("\0"))  # librdkafka's client writes its zero, too
        for (topic, part), (offset, metadata) in found.items()
        if offset >= 0
    }


def _if_coordinated(ask: Callable[[], T]) -> list[T]:
    """Return the answer; nothing while the group, perhaps a new one, gets its coordinator."""
    try:
        return [ask()]
    except KafkaException as error:
        if error.args[0].code() not in _COORDINATOR_MOVES:
            raise
        return []


def _ends(consumer: Any, topic: str) -> dict[int, int]:
    return {part: end for part, (_, end) in _watermarks(consumer, topic).items()}


def _watermarks(consumer: Any, topic: str) -> dict[int, tuple[int, int]]:
    partitions = consumer.list_topics(topic, timeout=DEADLINE_SECONDS).topics[topic].partitions
    return {
        part: eventually(lambda part=part: _watermark(consumer, TopicPartition(topic, part)))
        for part in partitions
    }


def _watermark(consumer: Any, partition: TopicPartition) -> tuple[int, int] | None:
    """Ask where a partition begins and ends; one that was just created may have no leader yet."""
    try:
        marks: tuple[int, int] = consumer.get_watermark_offsets(partition, timeout=DEADLINE_SECONDS)
    except KafkaException as error:
        if error.args[0].code() != KafkaError.NOT_LEADER_FOR_PARTITION:
            raise
        return None
    return marks


def _to_the_end(consumer: Any, unread: set[int]) -> Iterator[Message]:
    """Yield records until each partition has ended, whatever its last records are.

    Those of aborted transactions and the markers of transactions are never seen here.
    """
    deadline = time.monotonic() + DEADLINE_SECONDS
    while unread and time.monotonic() < deadline:
        message = consumer.poll(0.2)
        if message is None:
            continue
        if message.error() is None:
            yield message
            deadline = time.monotonic() + DEADLINE_SECONDS  # as long as some arrive, more may
        elif message.error().code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - see above
            unread.discard(message.partition())
    assert not unread, f"partitions not readable in time: {unread}"
