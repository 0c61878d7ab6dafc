"""Reads a topic from its beginning to its current end, outside any consumer group."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from shared.errors import TransientError
from shared.events.envelope import Topic
from shared.kafka.admin import open_admin
from shared.kafka.record import KafkaRecord
from shared.settings import KafkaSettings

_AT_ONCE: Final = 5_000
_WAIT_MS: Final = 1_000


async def read_topic(settings: KafkaSettings, topic: Topic) -> AsyncIterator[Sequence[KafkaRecord]]:
    """Yield all records that are on a topic now, in batches, each partition in order.

    Yields nothing for a topic that does not exist. Raises `TransientError` if Kafka is unreachable.
    """
    async with open_admin(settings) as admin:
        exists = topic.name in await admin.list_topics()
    try:
        if exists:
            async for records in _to_the_end(settings, topic):
                yield records
    except KafkaError as error:
        raise TransientError from error


async def _to_the_end(
    settings: KafkaSettings, topic: Topic
) -> AsyncIterator[Sequence[KafkaRecord]]:
    async with AIOKafkaConsumer(
        topic.name,
        bootstrap_servers=settings.bootstrap_servers,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=4 * 1024 * 1024,
    ) as consumer:
        partitions = list(consumer.assignment())
        ends = await consumer.end_offsets(partitions)
        starts = await consumer.beginning_offsets(partitions)
        unread = {each: end for each, end in ends.items() if end > starts[each]}
        while unread:
            fetched = await consumer.getmany(timeout_ms=_WAIT_MS, max_records=_AT_ONCE)
            for partition, records in fetched.items():
                yield records
                if await consumer.position(partition) >= unread.get(partition, 0):
                    unread.pop(partition, None)
