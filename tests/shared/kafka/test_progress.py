"""Whether a consumer group has handled what was published by a moment, on a real Kafka."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from shared.events.envelope import Topic
from shared.kafka.progress import GroupProgress
from shared.settings import KafkaSettings
from tests.factories import NOW
from tests.waiting import DEADLINE_SECONDS

A_MINUTE = timedelta(minutes=1)


class Scene:
    """A topic of two partitions, a group, and a clock."""

    def __init__(self, servers: str) -> None:
        self.servers = servers
        self.topic = Topic(f"test.{uuid4().hex}.v1")
        self.group = f"group-{uuid4().hex}"
        self.now = NOW
        admin = AdminClient({"bootstrap.servers": servers})
        [created] = admin.create_topics([NewTopic(self.topic.name, 2, 1)]).values()
        created.result(DEADLINE_SECONDS)
        settings = KafkaSettings(bootstrap_servers=servers)
        self.progress = GroupProgress(settings, self.group, [self.topic], lambda: self.now)

    def write(self, partition: int, **settings: str) -> Producer:
        producer = Producer({"bootstrap.servers": self.servers, **settings})
        if settings:
            producer.init_transactions(DEADLINE_SECONDS)
            producer.begin_transaction()
        producer.produce(self.topic.name, b"value", partition=partition)
        assert producer.flush(DEADLINE_SECONDS) == 0
        return producer

    def write_aborted(self, partition: int) -> None:
        producer = self.write(partition, **{"transactional.id": uuid4().hex})
        producer.abort_transaction(DEADLINE_SECONDS)

    def commit(self, partition: int, offset: int) -> None:
        consumer = Consumer({"bootstrap.servers": self.servers, "group.id": self.group})
        place = TopicPartition(self.topic.name, partition, offset)
        consumer.commit(offsets=[place], asynchronous=False)
        consumer.close()


@pytest.fixture
def scene(infra):
    return Scene(infra.kafka_bootstrap_servers)


async def test_a_topic_without_records_is_read(scene):
    scene.commit(0, 0)

    assert await scene.progress.has_read_until(NOW)


async def test_a_record_that_no_member_has_committed_is_not_read(scene):
    scene.write(0)
    scene.write(1)
    scene.commit(0, 1)

    assert not await scene.progress.has_read_until(NOW)
    scene.commit(1, 1)
    assert await scene.progress.has_read_until(NOW)


async def test_what_is_published_after_the_moment_makes_no_difference(scene):
    scene.write(0)
    scene.commit(1, 0)
    assert not await scene.progress.has_read_until(NOW)
    scene.write(0)  # a topic that never stands still
    scene.commit(0, 1)

    assert await scene.progress.has_read_until(NOW)
    scene.now += A_MINUTE
    assert not await scene.progress.has_read_until(scene.now)


async def test_a_moment_that_was_read_once_stays_read_without_kafka(scene):
    scene.commit(0, 0)
    assert await scene.progress.has_read_until(NOW)
    scene.progress._settings = KafkaSettings(bootstrap_servers="127.0.0.1:1")  # noqa: SLF001

    assert await scene.progress.has_read_until(datetime(2020, 1, 1, tzinfo=UTC))


async def test_the_markers_of_aborted_transactions_are_no_records(scene):
    scene.write(0)
    scene.write_aborted(0)
    scene.commit(0, 1)
    scene.write_aborted(1)

    assert await scene.progress.has_read_until(NOW)
