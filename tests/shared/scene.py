"""The topics and the consumer group of one test, and what its consumer has stored."""

from collections.abc import Sequence
from contextlib import asynccontextmanager
from uuid import uuid4

from pydantic import TypeAdapter

from shared.clock import utc_now
from shared.consumer.consumer import Consumer, ConsumerConfig, Subscription
from shared.consumer.handling import Handler, no_lookup
from shared.errors import TransientError
from shared.events.envelope import Outgoing, Topic, dead_letter_topic, redrive_topic
from shared.events.intake import ApplicationSubmitted
from shared.kafka.publisher import open_publisher
from shared.kafka.topics import provide_topics
from shared.metrics import Metrics
from shared.settings import ConsumerSettings, KafkaSettings
from tests.factories import NOW, a_record, a_submission
from tests.kafka import KafkaClient
from tests.waiting import eventually_async

PARSERS = {"ApplicationSubmitted": TypeAdapter(ApplicationSubmitted).validate_json}


class Scene:
    """The topics and the consumer group of one test, and what its consumer has stored."""

    def __init__(self, bootstrap_servers: str) -> None:
        name = f"test-{uuid4().hex[:12]}"
        self.kafka = KafkaSettings(bootstrap_servers=bootstrap_servers, topic_partitions=3)
        self.group = name
        self.input = Topic(f"{name}.applications.v1")
        self.output = Topic(f"{name}.decisions.v1")
        self.client = KafkaClient(bootstrap_servers)
        self.metrics = Metrics(name)
        self.stored: list[str] = []
        self.outage = False
        self.refused = False

    async def keep(self, proposals: Sequence[str]) -> Sequence[str]:
        if self.outage:
            raise TransientError
        if self.refused:
            raise OverflowError
        self.stored += [each for each in proposals if each not in self.stored]
        return proposals

    def announce(self, stored: str) -> Outgoing:
        return Outgoing(self.output.name, stored.encode(), stored.encode(), [], NOW)

    def submit(self) -> str:
        record = a_record(a_submission())
        self.client.write(self.input.name, record.value, record.headers, record.key)
        return record.key.decode()

    def submit_to_one_partition(self, count: int) -> list[str]:
        records = [a_record(a_submission()) for _ in range(count)]
        for each in records:
            self.client.write(self.input.name, each.value, each.headers, b"the same key")
        return [each.key.decode() for each in records]

    async def make_input_anew(self) -> None:
        """Delete the topic that is read, and create it again under its name."""
        old = self.client.topic_id(self.input.name)
        self.client.delete_topic(self.input.name)
        await eventually_async(lambda: self.input.name not in self.client.topics())
        await provide_topics(self.kafka, [self.input])
        await eventually_async(lambda: self.input.name in self.client.topics())
        assert self.client.topic_id(self.input.name) != old

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

    def batches(self) -> int:
        """The number of batches that were handled."""
        sizes = self.metrics.registry.get_sample_value
        return int(sizes("cppp_batch_size_count", {"service": self.group}) or 0)

    @asynccontextmanager
    async def consumer(self, **settings):
        lookup = no_lookup(lambda event: event.data.application_id)
        handler = Handler(PARSERS, lookup, self.keep, self.announce)
        subscription = Subscription(self.group, [self.input], handler)
        self.metrics = Metrics(self.group)  # each process has its own
        async with open_publisher(self.kafka) as publisher:
            consumer = Consumer(
                ConsumerConfig(self.kafka, ConsumerSettings(**settings), uuid4().hex),
                subscription,
                publisher,
                self.metrics,
                utc_now,
            )
            await consumer.start()
            try:
                yield consumer
            finally:
                await consumer.stop()
