"""aiokafka's bugs, shown without our workarounds and with them.

If a test without the workaround fails, aiokafka has fixed the bug and the workaround can go.
"""

import asyncio
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.consumer.subscription_state import TopicPartitionState
from aiokafka.errors import KafkaError
from aiokafka.protocol.commit import OffsetFetchRequest, OffsetFetchResponse_v3

from shared.events.envelope import Topic
from shared.kafka import aiokafka_fixes
from shared.kafka.topics import provide_topics
from shared.settings import KafkaSettings
from tests.kafka import KafkaClient
from tests.shared.faulty import FaultyCluster
from tests.waiting import DEADLINE_SECONDS

TOPIC, GROUP = "numbers", "readers"
HEARTBEAT = 12
COORDINATOR_LOAD_IN_PROGRESS, UNKNOWN_SERVER_ERROR = 14, -1


@pytest.fixture
def cluster():
    cluster = FaultyCluster(TOPIC)
    yield cluster
    cluster.stop()


@pytest.fixture
def bare(monkeypatch):
    """The client as it ships, without our workarounds."""
    monkeypatch.setattr(GroupCoordinator, "_send_req", aiokafka_fixes._send_request)  # noqa: SLF001
    monkeypatch.setattr(GroupCoordinator, "_do_heartbeat", aiokafka_fixes._heartbeat)  # noqa: SLF001
    monkeypatch.setattr(TopicPartitionState, "await_reset", aiokafka_fixes._await_reset)  # noqa: SLF001


@pytest.fixture
def mended(monkeypatch, bare):  # noqa: ARG001  # so that all is put back afterwards
    aiokafka_fixes.apply_kafka_fixes()


@asynccontextmanager
async def reading(cluster: FaultyCluster):
    consumer = AIOKafkaConsumer(
        TOPIC,
        bootstrap_servers=cluster.address,
        group_id=GROUP,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        heartbeat_interval_ms=100,
        session_timeout_ms=3_000,  # the cluster has who joins again wait nearly as long
        fetch_max_wait_ms=50,
        retry_backoff_ms=50,
    )
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def write(cluster: FaultyCluster, numbers: range) -> None:
    async with AIOKafkaProducer(bootstrap_servers=cluster.address) as producer:
        for number in numbers:
            await producer.send_and_wait(TOPIC, str(number).encode())


@pytest.fixture
def loading_once(monkeypatch):
    """Answer one offset fetch as a broker does whose coordinator is loading: an error, no topics.

    The cluster above cannot: it repeats the error for each partition, which aiokafka looks at.
    """
    answers = [OffsetFetchResponse_v3(0, [], COORDINATOR_LOAD_IN_PROGRESS)]
    send = AIOKafkaClient.send

    def arm() -> None:
        async def send_or_answer(self, node_id, request, **options):
            if isinstance(request, OffsetFetchRequest) and answers:
                return answers.pop()
            return await send(self, node_id, request, **options)

        monkeypatch.setattr(AIOKafkaClient, "send", send_or_answer)

    return arm


async def first_after_commit_of_five(cluster: FaultyCluster, loading_once) -> int:
    """Read five of ten, commit, and read on as a new member that meets a loading coordinator."""
    await write(cluster, range(10))
    async with reading(cluster) as consumer:
        for _ in range(5):
            await asyncio.wait_for(consumer.getone(), DEADLINE_SECONDS)
        await consumer.commit()
    loading_once()
    async with reading(cluster) as consumer:
        return int((await asyncio.wait_for(consumer.getone(), DEADLINE_SECONDS)).value)


@pytest.mark.usefixtures("bare")
async def test_without_the_workaround_a_loading_coordinator_looks_like_nothing_committed(
    cluster, loading_once
):
    assert await first_after_commit_of_five(cluster, loading_once) == 0


@pytest.mark.usefixtures("mended")
async def test_with_the_workaround_a_loading_coordinator_is_asked_again(cluster, loading_once):
    assert await first_after_commit_of_five(cluster, loading_once) == 5


async def reads_on_after_a_strange_heartbeat(cluster: FaultyCluster) -> bool:
    async with reading(cluster) as consumer:
        cluster.answer_with(HEARTBEAT, UNKNOWN_SERVER_ERROR, 1)
        coordinator = consumer._coordinator  # noqa: SLF001  # to see its task end
        await asyncio.wait([coordinator._heartbeat_task], timeout=1)  # noqa: SLF001  # its end
        await write(cluster, range(1))
        try:
            return (await asyncio.wait_for(consumer.getone(), DEADLINE_SECONDS)).value == b"0"
        except KafkaError:
            return False


@pytest.mark.usefixtures("bare")
async def test_without_the_workaround_an_unexpected_heartbeat_error_ends_the_consumer(cluster):
    assert not await reads_on_after_a_strange_heartbeat(cluster)


@pytest.mark.usefixtures("mended")
async def test_with_the_workaround_an_unexpected_heartbeat_error_makes_it_rejoin(cluster):
    assert await reads_on_after_a_strange_heartbeat(cluster)


async def first_after_the_next_records_are_gone(infra) -> int | None:
    """Read two of six, lose the two after them, and read on."""
    client, topic = KafkaClient(infra.kafka_bootstrap_servers), f"test-{uuid4().hex[:12]}"
    settings = KafkaSettings(bootstrap_servers=infra.kafka_bootstrap_servers, topic_partitions=1)
    await provide_topics(settings, [Topic(topic)])
    for number in range(6):
        client.write(topic, str(number).encode())
    client.delete_before(topic, 4)
    part = TopicPartition(topic, 0)
    async with AIOKafkaConsumer(
        bootstrap_servers=infra.kafka_bootstrap_servers, auto_offset_reset="earliest"
    ) as consumer:
        consumer.assign([part])
        consumer.seek(part, 2)
        reading = asyncio.ensure_future(consumer.getone())
        while not reading.done() and part not in consumer.paused():
            await asyncio.wait([reading], timeout=0.05)
        return None if reading.cancel() else int(reading.result().value)


@pytest.mark.usefixtures("bare")
async def test_without_the_workaround_records_that_are_gone_are_silently_skipped(infra):
    assert await first_after_the_next_records_are_gone(infra) == 4


@pytest.mark.usefixtures("mended")
async def test_with_the_workaround_a_partition_whose_next_records_are_gone_is_paused(infra):
    assert await first_after_the_next_records_are_gone(infra) is None
