"""The publisher on a real Kafka, read back by another client."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from shared.clock import from_milliseconds, milliseconds, utc_now
from shared.errors import TransientError
from shared.events.envelope import Outgoing, Topic, time_ms
from shared.kafka.publisher import open_publisher
from shared.kafka.topics import provide_topics
from shared.settings import KafkaSettings
from tests.factories import NOW
from tests.kafka import KafkaClient
from tests.shared.faulty import FaultyCluster
from tests.waiting import DEADLINE_SECONDS


@pytest.fixture
async def scene(infra):
    settings = KafkaSettings(bootstrap_servers=infra.kafka_bootstrap_servers, topic_partitions=3)
    topic = Topic(f"test-{uuid4().hex[:12]}", largest_record_bytes=2_000_000)
    await provide_topics(settings, [topic])
    return settings, topic.name, KafkaClient(infra.kafka_bootstrap_servers)


def event(topic: str, key: str | None, value: bytes | None) -> Outgoing:
    return Outgoing(topic, key and key.encode(), value, (("h", b"1"), ("h", b"\xff")), NOW)


async def test_events_arrive_unchanged_in_the_order_of_each_key(scene):
    settings, topic, client = scene
    keys = [str(uuid4()) for _ in range(20)]
    events = [event(topic, key, str(n).encode()) for n in range(50) for key in keys]

    async with open_publisher(settings) as publisher:
        await publisher.publish(events)

    found = client.read(topic)
    assert len(found) == len(events)
    for key in keys:
        values = [each.value() for each in found if each.key() == key.encode()]
        assert values == [str(n).encode() for n in range(50)]
    assert {tuple(each.headers()[:-1]) for each in found} == {(("h", b"1"), ("h", b"\xff"))}
    assert {each.timestamp()[1] for each in found} == {round(NOW.timestamp() * 1000)}


async def test_a_record_says_when_it_was_written_whenever_its_event_happened(scene):
    settings, topic, client = scene
    long_ago = event(topic, "k", b"v")._replace(time=NOW - timedelta(days=2_000))
    before = utc_now()

    async with open_publisher(settings) as publisher:
        await publisher.publish([long_ago])

    [found] = client.read(topic)
    name, value = found.headers()[-1]
    assert name == "ce_recordedtime"
    assert before <= from_milliseconds(time_ms(value)) <= utc_now()
    assert found.timestamp()[1] == milliseconds(long_ago.time)


async def test_a_key_is_on_the_partition_that_another_client_chooses(scene):
    settings, topic, client = scene
    keys = [str(uuid4()) for _ in range(30)]

    async with open_publisher(settings) as publisher:
        await publisher.publish([event(topic, key, b"ours") for key in keys])
    client.write_as_java_does(topic, keys)

    places: dict[bytes, set[int]] = {}
    for each in client.read(topic):
        places.setdefault(each.key(), set()).add(each.partition())
    assert all(len(partitions) == 1 for partitions in places.values())


async def test_more_than_fits_into_one_request_is_published(scene):
    settings, topic, client = scene
    sizes = [200_000, 1, 1_500_000, 100_000, 100_000, 100_000, 2]

    async with open_publisher(settings) as publisher:
        await publisher.publish([event(topic, "same", b"x" * size) for size in sizes])

    assert [len(each.value()) for each in client.read(topic)] == sizes


async def test_a_tombstone_and_a_record_without_key_are_published(scene):
    settings, topic, client = scene

    async with open_publisher(settings) as publisher:
        await publisher.publish([event(topic, "k", None), event(topic, None, b"v")])

    assert {(each.key(), each.value()) for each in client.read(topic)} == {
        (b"k", None),
        (None, b"v"),
    }


async def test_a_publication_that_is_not_confirmed_is_told_once(scene):
    settings, topic, _ = scene
    failures: list[bool] = []
    too_large = event(topic, "k", b"x" * 3_000_000)

    async with open_publisher(settings, lambda: failures.append(True)) as publisher:
        await publisher.publish([event(topic, "k", b"v")])
        assert failures == []
        with pytest.raises(TransientError):
            await publisher.publish([event(topic, "k", b"v"), too_large])

    assert failures == [True]


async def test_closing_ends_although_kafka_is_gone_and_a_publish_is_in_flight():
    """The client's own stop would wait for a flush that cannot succeed."""
    cluster = FaultyCluster("any")
    settings = KafkaSettings(bootstrap_servers=cluster.address)
    async with asyncio.timeout(DEADLINE_SECONDS):
        async with open_publisher(settings) as publisher:
            await publisher.publish([event("any", "k", b"1")])
            cluster.stop()
            on_its_way = asyncio.create_task(publisher.publish([event("any", "k", b"2")]))
            await asyncio.wait([on_its_way], timeout=0.1)
        on_its_way.cancel()
        await asyncio.wait([on_its_way])
