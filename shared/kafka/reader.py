"""Reads topics from their beginning to their current end, outside any consumer group."""

import logging
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from shared.clock import milliseconds
from shared.errors import TransientError
from shared.events.envelope import Topic
from shared.kafka.admin import open_admin
from shared.kafka.record import COMMITTED_ONLY, KafkaRecord
from shared.settings import KafkaSettings

# Not structlog: without a configuration it writes to stdout, where commands print their results.
log = logging.getLogger(__name__)

_AT_ONCE: Final = 5_000
_WAIT_MS: Final = 1_000


async def read_topic(settings: KafkaSettings, topic: Topic) -> AsyncIterator[Sequence[KafkaRecord]]:
    """Yield all committed records that are on a topic now; see `read_topics`."""
    async for records in read_topics(settings, [topic]):
        yield records


async def read_topics(
    settings: KafkaSettings, topics: Sequence[Topic], since: datetime | None = None
) -> AsyncIterator[Sequence[KafkaRecord]]:
    """Yield all committed records that are on topics now, in batches, each partition in order.

    With `since`, each partition is read from the first record whose timestamp is not before it.
    Records behind an open transaction are not committed for any reader; a warning names their
    partition. Topics that do not exist have no records. Raises `TransientError` if Kafka is
    unreachable.
    """
    async with open_admin(settings) as admin:
        existing = {each.name for each in topics} & {*await admin.list_topics()}
    try:
        if existing:
            async for records in _to_the_end(settings, existing, since):
                yield records
    except KafkaError as error:
        raise TransientError from error


async def read_between(
    settings: KafkaSettings,
    positions: Mapping[TopicPartition, int],
    ends: Mapping[TopicPartition, int],
) -> AsyncIterator[Sequence[KafkaRecord]]:
    """Yield the committed records from `positions` on, as far as `ends`, which may not be beyond.

    Raises `TransientError` if Kafka is unreachable.
    """
    try:
        async with _consumer(settings) as consumer:
            consumer.assign(list(positions))
            for partition, offset in positions.items():
                consumer.seek(partition, offset)
            async for records in _fetched(consumer, ends):
                yield records
    except KafkaError as error:
        raise TransientError from error


async def _to_the_end(
    settings: KafkaSettings, topics: Iterable[str], since: datetime | None
) -> AsyncIterator[Sequence[KafkaRecord]]:
    async with _consumer(settings, *topics) as consumer:
        # Last stable offsets: the reader cannot come any further.
        ends = await consumer.end_offsets(list(consumer.assignment()))
        if since:
            await _seek(consumer, ends, milliseconds(since))
        async for records in _fetched(consumer, ends):
            yield records
        _report_open_transactions(consumer, ends)


def _consumer(settings: KafkaSettings, *topics: str) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(
        *topics,
        bootstrap_servers=settings.bootstrap_servers,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level=COMMITTED_ONLY,
        max_partition_fetch_bytes=4 * 1024 * 1024,
    )


async def _fetched(
    consumer: AIOKafkaConsumer, ends: Mapping[TopicPartition, int]
) -> AsyncIterator[Sequence[KafkaRecord]]:
    while await _unread(consumer, ends):
        fetched = await consumer.getmany(timeout_ms=_WAIT_MS, max_records=_AT_ONCE)
        for records in fetched.values():
            yield records


async def _seek(
    consumer: AIOKafkaConsumer, ends: Mapping[TopicPartition, int], timestamp_ms: int
) -> None:
    found = await consumer.offsets_for_times(dict.fromkeys(ends, timestamp_ms))
    for partition, end in ends.items():
        first = found.get(partition)
        consumer.seek(partition, first.offset if first else end)


async def _unread(consumer: AIOKafkaConsumer, ends: Mapping[TopicPartition, int]) -> bool:
    """Return whether a position is before its end.

    Records do not tell: a partition may end with markers, or with records of aborted transactions.
    """
    return any([await consumer.position(each) < end for each, end in ends.items()])


def _report_open_transactions(
    consumer: AIOKafkaConsumer, ends: Mapping[TopicPartition, int]
) -> None:
    for partition, end in ends.items():
        if (consumer.highwater(partition) or end) > end == consumer.last_stable_offset(partition):
            log.warning(
                "%s/%d: records from offset %d on are held by an open transaction, and were not "
                "read. Must be committed or aborted first: docs/runbooks/open-transactions.md",
                *partition,
                end,
            )
