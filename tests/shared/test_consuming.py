"""The consumer on a real Kafka: what is committed, what comes again, what is dead-lettered."""

import asyncio
from collections.abc import Sequence
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer
from pydantic import TypeAdapter

from shared import consuming
from shared.clock import utc_now
from shared.consuming import Consumer, Subscription
from shared.errors import DependencyError, TransientError
from shared.events.envelope import (
    LARGEST_RECORD_BYTES,
    Outgoing,
    Topic,
    dead_letter_topic,
    redrive_topic,
)
from shared.events.intake import ApplicationSubmitted
from shared.handling import Steps
from shared.metrics import Metrics
from shared.publishing import open_publisher
from shared.settings import ConsumerSettings, KafkaSettings
from shared.topics import provide_topics
from tests.factories import NOW, a_record, a_submission
from tests.kafka import KafkaClient
from tests.shared.faulty import FaultyCluster

OFFSET_COMMIT, COORDINATOR_NOT_AVAILABLE = 8, 15
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
        self.refused = False

    async def keep(self, proposals: Sequence[str]) -> Sequence[str]:
        if self.outage:
            raise TransientError
        if self.refused:
            raise OverflowError
        self.kept += [each for each in proposals if each not in self.kept]
        return proposals

    def announce(self, kept: str) -> Outgoing:
        return Outgoing(self.output.name, kept.encode(), kept.encode(), [], NOW)

    def submit(self) -> str:
        record = a_record(a_submission())
        self.client.write(self.input.name, record.value, record.headers, record.key)
        return record.key.decode()

    def submit_to_one_partition(self, count: int) -> list[str]:
        records = [a_record(a_submission()) for _ in range(count)]
        for each in records:
            self.client.write(self.input.name, each.value, each.headers, b"the same key")
        return [each.key.decode() for each in records]

    def decided(self) -> list[str]:
        return [message.value().decode() for message in self.client.read(self.output.name)]

    def dead(self):
        return self.client.read(dead_letter_topic(self.group).name)

    def committed(self) -> int:
        return self.client.committed(self.group, self.input.name)

    def redrive(self, letter) -> None:
        self.client.write(
            redrive_topic(self.group).name,
            letter.value(),
            letter.headers(),
            letter.key(),
            letter.timestamp()[1],
        )

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
    topics = [
        scene.input,
        scene.output,
        dead_letter_topic(scene.group),
        redrive_topic(scene.group),
    ]
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
        await until(lambda: consumer._measures._metrics.retries.collect()[0].samples)  # noqa: SLF001
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
            await until(lambda: consumer._measures._metrics.retries.collect()[0].samples)  # noqa: SLF001
    assert scene.committed() == 0
    scene.outage = False

    async with scene.consumer():
        await until(lambda: scene.committed() == 1)

    assert scene.decided() == [application]


async def test_an_error_without_a_guilty_record_ends_the_process_and_commits_nothing(
    scene, monkeypatch
):
    deaths: asyncio.Queue[BaseException] = asyncio.Queue()
    monkeypatch.setattr(consuming, "die", deaths.put_nowait)

    async def keep(_proposals: Sequence[str]) -> Sequence[str]:
        raise DependencyError

    scene.keep = keep
    scene.submit()

    async with scene.consumer():
        error = await asyncio.wait_for(deaths.get(), 30)

    assert isinstance(error, DependencyError)
    assert scene.committed() == 0


async def test_several_subscribers_share_the_partitions_of_one_group(scene):
    async with scene.consumer(subscribers=3) as consumer:
        await until(lambda: [each.gate.assigned for each in consumer._members] == [2, 2, 2])  # noqa: SLF001
        assert consumer.has_joined


async def test_a_missing_topic_is_created_beside_one_that_exists(scene):
    await provide_topics(
        scene.kafka, [scene.input, Topic("another-" + scene.group, compacted=True)]
    )

    assert scene.client.read("another-" + scene.group) == []


async def test_a_redriven_record_is_handled_as_if_it_came_from_its_first_topic(scene):
    scene.refused = True
    application = scene.submit()
    async with scene.consumer():
        await until(lambda: scene.committed() == 1)
    [letter] = scene.dead()
    scene.refused = False

    scene.redrive(letter)
    async with scene.consumer():
        await until(lambda: scene.decided() == [application])

    assert scene.client.committed(scene.group, redrive_topic(scene.group).name) == 1


async def test_a_redriven_record_that_fails_again_keeps_its_origin_and_counts_its_attempts(scene):
    scene.refused = True
    scene.submit()
    async with scene.consumer():
        await until(lambda: scene.committed() == 1)
        scene.redrive(scene.dead()[0])
        await until(lambda: len(scene.dead()) == 2)

    first, second = scene.dead()
    headers = [dict(each.headers()) for each in (first, second)]
    assert [each["x-dead-letter-attempts"] for each in headers] == [b"1", b"2"]
    assert len({each["x-dead-letter-offset"] for each in headers}) == 1
    assert {each["x-dead-letter-topic"] for each in headers} == {scene.input.name.encode()}
    assert len(second.headers()) == len(first.headers()), "the first envelope is still there"
    assert (second.key(), second.value()) == (first.key(), first.value())
    assert second.timestamp() == first.timestamp()


async def test_too_many_dead_letters_stop_the_consumer_and_nothing_is_committed_or_dead_lettered(
    scene,
):
    for _ in range(4):
        scene.client.write(scene.input.name, b"{", [("ce_type", b"ApplicationSubmitted")], b"k")

    async with scene.consumer(dead_letters_in_a_row=3) as consumer:
        await asyncio.wait_for(consumer.halted(), 30)
        good = scene.submit()

    assert consumer.halted_because == "dead-letter-breaker"
    assert scene.committed() == 0
    assert scene.dead() == []
    assert good not in scene.kept


async def test_a_consumer_stops_where_the_records_that_come_next_are_gone(scene):
    scene.submit_to_one_partition(3)
    async with scene.consumer():
        await until(lambda: scene.committed() == 3)
    scene.submit_to_one_partition(4)
    scene.client.delete_before(scene.input.name, 5)
    good = scene.submit_to_one_partition(1)

    async with scene.consumer() as consumer:
        await asyncio.wait_for(consumer.halted(), 30)

    assert consumer.halted_because == "offset-out-of-range"
    assert scene.committed() == 3, "it went on behind the gap"
    assert not set(good) & set(scene.kept)


async def test_a_commit_is_on_its_way_while_the_next_batch_is_handled_and_done_before_the_stop(
    scene, monkeypatch
):
    commits: list[asyncio.Event] = []

    async def slow_commit(self, offsets):
        await asyncio.wait_for(commits_may_go.wait(), 20)
        commits.append(offsets)
        await commit(self, offsets)

    commits_may_go = asyncio.Event()
    commit = AIOKafkaConsumer.commit
    monkeypatch.setattr(AIOKafkaConsumer, "commit", slow_commit)
    scene.submit()

    async with scene.consumer(subscribers=1):
        await until(lambda: len(scene.kept) == 1)
        scene.submit()
        await until(lambda: len(scene.kept) == 2)
        assert scene.committed() == 0
        commits_may_go.set()

    assert scene.committed() == 2


async def test_a_static_member_that_comes_back_gets_its_partitions_without_a_rebalance(scene):
    async with scene.consumer(instance_id="pod-0", subscribers=1):
        await until(lambda: scene.client.members(scene.group))
        [first] = scene.client.members(scene.group)
    async with scene.consumer(instance_id="pod-0", subscribers=1):
        scene.submit()
        await until(lambda: scene.committed() == 1)
        [second] = scene.client.members(scene.group)

    assert first.group_instance_id == second.group_instance_id == "pod-0-0"


async def test_commits_that_never_end_are_given_up_and_the_next_batch_goes_on(monkeypatch):
    """aiokafka repeats a refused commit for ever; without a limit the second would wait for it."""
    monkeypatch.setattr(consuming, "_COMMIT_SECONDS", 0.2)
    scene = Scene("127.0.0.1:9")
    cluster = FaultyCluster(scene.input.name)
    scene.client = KafkaClient(cluster.address)
    scene.kafka = KafkaSettings(bootstrap_servers=cluster.address)
    cluster.answer_with(OFFSET_COMMIT, COORDINATOR_NOT_AVAILABLE, 10_000)

    async with scene.consumer(subscribers=1):
        for number in range(1, 4):
            scene.submit()
            await until(lambda number=number: len(scene.kept) == number)
    cluster.stop()

    assert len(scene.kept) == 3
