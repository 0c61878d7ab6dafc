"""A topic is read to its current end, whatever its last records are."""

import asyncio
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from shared.clock import milliseconds
from shared.events.envelope import Topic
from shared.kafka.reader import read_topics
from shared.kafka.topics import provide_topics
from shared.settings import KafkaSettings
from tests.factories import NOW, raw_record
from tests.kafka import KafkaClient
from tests.waiting import DEADLINE_SECONDS


@pytest.fixture
async def scene(infra):
    settings = KafkaSettings(bootstrap_servers=infra.kafka_bootstrap_servers, topic_partitions=2)
    topic = Topic(f"test-{uuid4().hex[:12]}")
    await provide_topics(settings, [topic])
    return settings, topic, KafkaClient(infra.kafka_bootstrap_servers)


async def values(settings, topic, since: datetime | None = None) -> list[bytes]:
    async with asyncio.timeout(DEADLINE_SECONDS):
        return [
            each.value async for batch in read_topics(settings, [topic], since) for each in batch
        ]


async def test_records_of_an_aborted_transaction_are_not_read(scene):
    settings, topic, client = scene
    client.write(topic.name, b"before")
    aborted = client.transaction()
    aborted.write(topic.name, raw_record(b"aborted"))
    aborted.abort()

    assert await values(settings, topic) == [b"before"]


async def test_a_partition_ends_although_its_last_records_are_markers(scene):
    settings, topic, client = scene
    committed = client.transaction()
    committed.write(topic.name, raw_record(b"committed"))
    committed.commit()

    assert await values(settings, topic) == [b"committed"]


async def test_a_partition_of_nothing_but_aborted_records_ends(scene):
    settings, topic, client = scene
    for _ in range(3):
        aborted = client.transaction()
        aborted.write(topic.name, raw_record(b"aborted"))
        aborted.abort()

    assert await values(settings, topic) == []


async def test_what_an_open_transaction_holds_is_left_unread_and_reported(scene, caplog):
    settings, topic, client = scene
    client.write(topic.name, b"before", key=b"key")
    still_open = client.transaction()
    still_open.write(topic.name, raw_record(b"open"))
    client.write(topic.name, b"behind it", key=b"key")

    assert await values(settings, topic) == [b"before"]
    [held] = [each.getMessage() for each in caplog.records if each.name == "shared.kafka.reader"]
    assert topic.name in held
    assert "transaction" in held
    still_open.commit()
    assert await values(settings, topic) == [b"before", b"open", b"behind it"]


async def test_with_a_time_every_partition_is_read_from_its_first_record_since_then(scene):
    settings, topic, client = scene
    for minutes in (0, 10, 5, 20):  # the broker keeps the order of appending, not that of times
        at = milliseconds(NOW + timedelta(minutes=minutes))
        client.write(topic.name, b"%d" % minutes, key=b"key", timestamp_ms=at)

    assert await values(settings, topic, NOW + timedelta(minutes=10)) == [b"10", b"5", b"20"]
    assert await values(settings, topic, NOW + timedelta(hours=1)) == []
