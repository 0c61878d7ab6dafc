"""The consumer on a real Kafka: commits, redelivery and dead letters."""

import asyncio
import os
import weakref
from collections.abc import Sequence

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaConnectionError
from faststream.kafka.subscriber.usecase import BatchSubscriber
from structlog.testing import capture_logs

from shared.consumer import consumer
from shared.consumer.handling import BatchHandler
from shared.errors import DependencyError, TransientError
from shared.events.envelope import LARGEST_RECORD_BYTES, Topic
from shared.kafka.topics import provide_topics
from shared.settings import KafkaSettings
from tests.factories import a_record, a_submission
from tests.kafka import KafkaClient
from tests.shared.faulty import FaultyCluster
from tests.shared.scene import Scene
from tests.waiting import DEADLINE_SECONDS, eventually_async

OFFSET_COMMIT, COORDINATOR_NOT_AVAILABLE = 8, 15


async def test_records_written_before_the_group_existed_are_decided_and_committed(scene):
    submitted = [scene.submit() for _ in range(20)]

    async with scene.consumer():
        await eventually_async(lambda: scene.committed() == 20, in_thread=True)

    assert sorted(scene.stored) == sorted(submitted)
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
        await eventually_async(lambda: scene.committed() == len(POISON) + 1, in_thread=True)

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


async def test_a_header_that_nobody_reads_may_hold_any_bytes(scene):
    record = a_record(a_submission())
    headers = [("x-trace", b"\xff\xfe"), *record.headers, ("x-none", None), ("x-trace", b"")]
    scene.client.write(scene.input.name, record.value, headers, record.key)

    async with scene.consumer():
        await eventually_async(lambda: scene.committed() == 1)

    assert scene.stored == [record.key.decode()]
    assert scene.dead() == []


async def test_an_empty_value_without_a_key_stays_empty_when_it_is_redriven(scene):
    """Empty is not null: both are dead letters, and each comes back as it was."""
    scene.client.write(scene.input.name, b"", [("ce_type", b"ApplicationSubmitted")])

    async with scene.consumer():
        await eventually_async(lambda: scene.committed() == 1)
        scene.redrive(scene.dead()[0])
        await eventually_async(lambda: len(scene.dead()) == 2)

    for letter in scene.dead():
        assert (letter.key(), letter.value()) == (None, b"")
        assert dict(letter.headers())["x-dead-letter-reason"] == b"invalid"
        assert "x-dead-letter-null-value" not in dict(letter.headers())


async def test_a_record_with_neither_key_nor_value_does_not_stop_the_consumer(scene):
    scene.client.write(scene.input.name, None, [("ce_type", b"ApplicationSubmitted")])
    good = scene.submit()

    async with scene.consumer():
        await eventually_async(lambda: scene.committed() == 2, in_thread=True)

    [letter] = scene.dead()
    assert scene.decided() == [good]
    assert (letter.key(), letter.value()) == (None, b"")
    assert dict(letter.headers())["x-dead-letter-null-value"] == b"true"


async def test_a_dead_letter_of_the_largest_record_is_published(scene):
    largest = b"x" * (LARGEST_RECORD_BYTES - 200)
    scene.client.write(scene.input.name, largest, [("ce_type", b"ApplicationSubmitted")], b"k")

    async with scene.consumer():
        await eventually_async(lambda: scene.committed() == 1, in_thread=True)

    assert [len(letter.value()) for letter in scene.dead()] == [len(largest)]


async def test_nothing_is_committed_during_an_outage_and_all_is_decided_after_it(scene):
    scene.outage = True
    submitted = [scene.submit() for _ in range(5)]

    async with scene.consumer() as consumer:
        await eventually_async(lambda: consumer._metrics._metrics.retries.collect()[0].samples)  # noqa: SLF001
        await eventually_async(lambda: not asyncio.run(consumer.is_progressing()), in_thread=True)
        committed_meanwhile = scene.committed()
        scene.outage = False
        await eventually_async(lambda: scene.committed() == 5, in_thread=True)
        assert await consumer.is_progressing()

    assert committed_meanwhile == 0
    assert sorted(scene.decided()) == sorted(submitted)


async def test_a_stop_during_an_outage_commits_nothing_and_the_next_consumer_decides(scene):
    scene.outage = True
    application = scene.submit()
    async with asyncio.timeout(DEADLINE_SECONDS):
        async with scene.consumer() as consumer:
            await eventually_async(lambda: consumer._metrics._metrics.retries.collect()[0].samples)  # noqa: SLF001
    assert scene.committed() == 0
    scene.outage = False

    async with scene.consumer():
        await eventually_async(lambda: scene.committed() == 1, in_thread=True)

    assert scene.decided() == [application]


async def test_an_error_that_no_record_caused_ends_the_process_and_commits_nothing(
    scene, monkeypatch
):
    deaths: asyncio.Queue[BaseException] = asyncio.Queue()
    monkeypatch.setattr(consumer, "exit_process", deaths.put_nowait)

    async def keep(_proposals: Sequence[str]) -> Sequence[str]:
        raise DependencyError

    scene.keep = keep
    scene.submit()

    async with scene.consumer():
        error = await asyncio.wait_for(deaths.get(), DEADLINE_SECONDS)

    assert isinstance(error, DependencyError)
    assert scene.committed() == 0


async def test_several_subscribers_share_the_partitions_of_one_group(scene):
    async with scene.consumer(subscribers=3) as consumer:
        listeners = [each.listener for each in consumer._members]  # noqa: SLF001
        await eventually_async(lambda: [each.assigned for each in listeners] == [2, 2, 2])
        assert consumer.has_joined


@pytest.mark.parametrize(("settings", "members"), [({}, 3), ({"subscribers": 2}, 2)])
async def test_a_subscription_has_its_own_number_of_members_unless_the_settings_say_another(
    scene, settings, members
):
    async with scene.consumer(**settings) as consumer:
        assert len(consumer._members) == members  # noqa: SLF001


async def test_a_missing_topic_is_created_beside_one_that_exists(scene):
    await provide_topics(
        scene.kafka, [scene.input, Topic("another-" + scene.group, compacted=True)]
    )

    assert scene.client.read("another-" + scene.group) == []


async def test_a_commit_overlaps_the_next_batch_and_is_done_before_the_stop(scene, monkeypatch):
    commits: list[asyncio.Event] = []

    async def slow_commit(self, offsets):
        await asyncio.wait_for(commits_may_go.wait(), DEADLINE_SECONDS)
        commits.append(offsets)
        await commit(self, offsets)

    commits_may_go = asyncio.Event()
    commit = AIOKafkaConsumer.commit
    monkeypatch.setattr(AIOKafkaConsumer, "commit", slow_commit)
    scene.submit()

    async with scene.consumer(subscribers=1):
        await eventually_async(lambda: len(scene.stored) == 1)
        scene.submit()
        await eventually_async(lambda: len(scene.stored) == 2)
        assert scene.committed() == 0
        commits_may_go.set()

    assert scene.committed() == 2


@pytest.mark.usefixtures("no_garbage_collection")
async def test_handled_records_are_freed_at_once(scene, monkeypatch):
    """FastStream's message refers to itself; with a whole backlog memory would grow with it."""
    seen: list[weakref.ref] = []
    handle = BatchHandler.handle

    async def noting(self, records, retry):
        seen.extend(map(weakref.ref, records))
        return await handle(self, records, retry)

    monkeypatch.setattr(BatchHandler, "handle", noting)
    async with scene.consumer(subscribers=1):
        for number in (1, 2):
            scene.submit()
            await eventually_async(
                lambda number=number: scene.committed() == number, in_thread=True
            )

        assert [each() for each in seen[:-1]] == [None]


async def test_the_members_of_a_process_join_the_group_together(scene, monkeypatch):
    """FastStream alone starts one after the other, each with a rebalance of its own."""
    all_start = asyncio.Barrier(3)
    start = BatchSubscriber.start

    async def start_with_the_others(subscriber):
        await all_start.wait()
        await start(subscriber)

    monkeypatch.setattr(BatchSubscriber, "start", start_with_the_others)
    async with asyncio.timeout(DEADLINE_SECONDS), scene.consumer(subscribers=3):
        scene.submit()
        await eventually_async(lambda: scene.committed() == 1, in_thread=True)


async def test_a_process_whose_members_cannot_all_start_does_not_start(scene, monkeypatch):
    start = BatchSubscriber.start

    async def start_unless_it_is_the_second(subscriber, started=[]):  # noqa: B006  # counts calls
        started.append(subscriber)
        if len(started) == 2:
            raise KafkaConnectionError
        await start(subscriber)

    monkeypatch.setattr(BatchSubscriber, "start", start_unless_it_is_the_second)
    with pytest.raises(TransientError):
        async with scene.consumer(subscribers=2):
            pass
    await eventually_async(lambda: not scene.client.members(scene.group), in_thread=True)


async def test_a_static_member_that_comes_back_gets_its_partitions_without_a_rebalance(scene):
    async with scene.consumer(instance_id="pod-0", subscribers=1):
        await eventually_async(lambda: scene.client.members(scene.group), in_thread=True)
        [first] = scene.client.members(scene.group)
    async with scene.consumer(instance_id="pod-0", subscribers=1):
        scene.submit()
        await eventually_async(lambda: scene.committed() == 1, in_thread=True)
        [second] = scene.client.members(scene.group)

    assert first.group_instance_id == second.group_instance_id == "pod-0-0"


async def test_a_commit_without_an_answer_times_out_and_the_next_batch_continues(monkeypatch):
    """aiokafka retries a refused commit forever; without a limit the second would wait for it."""
    monkeypatch.setattr(consumer, "_COMMIT_SECONDS", 0.2)
    scene = Scene("127.0.0.1:9")
    cluster = FaultyCluster(scene.input.name)
    scene.client = KafkaClient(cluster.address)
    scene.kafka = KafkaSettings(bootstrap_servers=cluster.address)
    cluster.answer_with(OFFSET_COMMIT, COORDINATOR_NOT_AVAILABLE, 10_000)

    async with scene.consumer(subscribers=1):
        for number in range(1, 4):
            scene.submit()
            await eventually_async(lambda number=number: len(scene.stored) == number)
    cluster.stop()

    assert len(scene.stored) == 3


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
async def test_compressed_records_are_read(scene, codec):
    """Without the library of the codecs aiokafka cannot read them, and loops forever."""
    record = a_record(a_submission())
    scene.client.write_compressed(scene.input.name, record, codec)

    async with scene.consumer():
        await eventually_async(lambda: scene.committed() == 1, in_thread=True)

    assert scene.decided() == [record.key.decode()]


def test_the_last_log_line_of_a_process_has_no_personal_data(monkeypatch):
    monkeypatch.setattr(os, "_exit", lambda _code: None)

    def refuse() -> None:
        msg = "Chan Tai Man"  # as the text of a driver's error may have it
        raise ValueError(msg)

    with capture_logs() as logs:
        try:
            refuse()
        except ValueError as cause:
            error = DependencyError()
            error.__cause__ = cause
            consumer.exit_process(error)

    [last_words] = logs
    assert (last_words["error"], last_words["caused_by"]) == ("DependencyError", ["ValueError"])
    assert "test_consumer.py" in last_words["stack"]
    assert "Chan" not in str({**last_words, "stack": ""})
