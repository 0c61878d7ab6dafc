"""The consumer on a real Kafka: what is committed, what comes again, what is dead-lettered."""

import asyncio
from collections.abc import Sequence
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from pydantic import TypeAdapter

from shared import consuming
from shared.clock import utc_now
from shared.consuming import Consumer, Subscription
from shared.errors import TransientError
from shared.events.envelope import LARGEST_RECORD_BYTES, Outgoing, Topic, dead_letter_topic
from shared.events.intake import ApplicationSubmitted
from shared.handling import Steps
from shared.metrics import Metrics
from shared.publishing import open_publisher
from shared.settings import ConsumerSettings, KafkaSettings
from shared.topics import provide_topics
from tests.factories import NOW, a_record, a_submission
from tests.kafka import KafkaClient

READ = {"ApplicationSubmitted": TypeAdapter(ApplicationSubmitted).validate_json}


class Scene:
    """One test's topics, group, and what its consumer has kept."""

    def __init__(self, bootstrap_servers: str) -> None:
        name = f"test-{uuid4().hex[:12]}"
        self.kafka = KafkaSettings(bootstrap_servers=bootstrap_servers, topic_partitions=3)
        self.group = name
        self.input = Topic(f"{name}.applications.v1")
        self.output = Topic(f"{name}.decisions.v1")
        self.client = KafkaClient(bootstrap_servers)
        self.kept: list[str] = []
        self.outage = False

    async def keep(self, proposals: Sequence[str]) -> Sequence[str]:
        if self.outage:
            raise TransientError
        self.kept += [each for each in proposals if each not in self.kept]
        return proposals

    def announce(self, kept: str) -> Outgoing:
        return Outgoing(self.output.name, kept.encode(), kept.encode(), [], NOW)

    def submit(self) -> str:
        record = a_record(a_submission())
        self.client.write(self.input.name, record.value, record.headers, record.key)
        return record.key.decode()

    def decided(self) -> list[str]:
        return [message.value().decode() for message in self.client.read(self.output.name)]

    def dead(self):
        return self.client.read(dead_letter_topic(self.group).name)

    def committed(self) -> int:
        return self.client.committed(self.group, self.input.name)

    @asynccontextmanager
    async def consumer(self, **settings):
        steps = Steps(READ, lambda event: event.data.application_id, self.keep, self.announce)
        subscription = Subscription(self.group, [self.input], steps)
        async with open_publisher(self.kafka) as publisher:
            consumer = Consumer(
                (self.kafka, ConsumerSettings(**settings)),
                subscription,
                publisher,
                Metrics(self.group),
                utc_now,
            )
            await consumer.start()
            try:
                yield consumer
            finally:
                await consumer.stop()


@pytest.fixture
async def scene(infra):
    scene = Scene(infra.kafka_bootstrap_servers)
    topics = [scene.input, scene.output, dead_letter_topic(scene.group)]
    await provide_topics(scene.kafka, topics)
    return scene


async def until(condition) -> None:
    """Wait for a condition that is asked in a thread, so that the consumer runs on."""
    async with asyncio.timeout(30):
        while not await asyncio.to_thread(condition):
            await asyncio.wait([asyncio.ensure_future(asyncio.to_thread(int))])


async def test_what_was_written_before_the_group_existed_is_decided_and_committed(scene):
    submitted = [scene.submit() for _ in range(20)]

    async with scene.consumer():
        await until(lambda: scene.committed() == 20)

    assert sorted(scene.kept) == sorted(submitted)
    assert sorted(scene.decided()) == sorted(submitted)


POISON = [
    (b"{", [("ce_type", b"ApplicationSubmitted")]),
    (b"{}", [("ce_type", b"ApplicationSubmitted"), ("x-source", b"\xff\xfe")]),
    (b"{}", [("ce_type", None)]),
    (None, [("ce_type", b"ApplicationSubmitted")]),
]


async def test_poison_is_dead_lettered_byte_for_byte_and_the_next_record_is_decided(scene):
    for value, headers in POISON:
        scene.client.write(scene.input.name, value, headers, key=b"same")
    good = scene.submit()

    async with scene.consumer():
        await until(lambda: scene.committed() == len(POISON) + 1)

    assert scene.decided() == [good]
    letters = scene.dead()
    assert [
        (each.value(), each.headers()[: len(headers)])
        for each, (_, headers) in zip(letters, POISON, strict=True)
    ] == POISON
    ours = dict(letters[0].headers()[1:])
    assert letters[0].key() == b"same"
    assert ours["x-dead-letter-topic"] == scene.input.name.encode()
    assert ours["x-dead-letter-reason"] == b"invalid"
    assert {name for name, _ in letters[0].headers()} >= {
        f"x-dead-letter-{name}"
        for name in ("error", "partition", "offset", "service-version", "time", "attempts")
    }


async def test_a_record_with_neither_key_nor_value_stops_nobody(scene):
    scene.client.write(scene.input.name, None, [("ce_type", b"ApplicationSubmitted")])
    good = scene.submit()

    async with scene.consumer():
        await until(lambda: scene.committed() == 2)

    [letter] = scene.dead()
    assert scene.decided() == [good]
    assert (letter.key(), letter.value()) == (None, b"")
    assert dict(letter.headers())["x-dead-letter-null-value"] == b"true"


async def test_a_dead_letter_as_large_as_records_may_be_is_delivered(scene):
    largest = b"x" * (LARGEST_RECORD_BYTES - 200)
    scene.client.write(scene.input.name, largest, [("ce_type", b"ApplicationSubmitted")], b"k")

    async with scene.consumer():
        await until(lambda: scene.committed() == 1)

    assert [len(letter.value()) for letter in scene.dead()] == [len(largest)]


async def test_nothing_is_committed_during_an_outage_and_all_is_decided_after_it(scene):
    scene.outage = True
    submitted = [scene.submit() for _ in range(5)]

    async with scene.consumer() as consumer:
        await until(lambda: consumer._metrics.retries.collect()[0].samples)  # noqa: SLF001
        committed_meanwhile = scene.committed()
        scene.outage = False
        await until(lambda: scene.committed() == 5)

    assert committed_meanwhile == 0
    assert sorted(scene.decided()) == sorted(submitted)


async def test_a_stop_during_an_outage_commits_nothing_and_the_next_consumer_decides(scene):
    scene.outage = True
    application = scene.submit()
    async with asyncio.timeout(20):
        async with scene.consumer() as consumer:
            await until(lambda: consumer._metrics.retries.collect()[0].samples)  # noqa: SLF001
    assert scene.committed() == 0
    scene.outage = False

    async with scene.consumer():
        await until(lambda: scene.committed() == 1)

    assert scene.decided() == [application]


async def test_an_error_that_is_no_outage_ends_the_process_without_a_commit(scene, monkeypatch):
    deaths: asyncio.Queue[BaseException] = asyncio.Queue()
    monkeypatch.setattr(consuming, "die", deaths.put_nowait)

    async def keep(_proposals: Sequence[str]) -> Sequence[str]:
        raise ZeroDivisionError

    scene.keep = keep
    scene.submit()

    async with scene.consumer():
        error = await asyncio.wait_for(deaths.get(), 30)

    assert isinstance(error, ZeroDivisionError)
    assert scene.committed() == 0


async def test_several_subscribers_share_the_partitions_of_one_group(scene):
    async with scene.consumer(subscribers=3) as consumer:
        await until(lambda: [gate.assigned for gate in consumer._gates] == [1, 1, 1])  # noqa: SLF001
        assert consumer.has_joined


async def test_a_missing_topic_is_created_beside_one_that_exists(scene):
    await provide_topics(
        scene.kafka, [scene.input, Topic("another-" + scene.group, compacted=True)]
    )

    assert scene.client.read("another-" + scene.group) == []
