"""A stack with real Kafka and MongoDB, and the clients of the benchmark."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]  # exported at run time
from pymongo import MongoClient
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from bench.harness.dataset import DataSet, Message
from bench.harness.machine import pin_current_process, stack_cores
from devstack.progress import show_download
from devstack.servers.addresses import Addresses, local_addresses
from devstack.servers.infrastructure import INFRASTRUCTURE_PORTS, infrastructure
from devstack.stack.folder import StackFolder
from devstack.stack.ports import free_ports
from devstack.stack.stack import Stack

_INPUT_TOPIC_CONFIG: Final = {
    "retention.ms": "-1",
    "message.timestamp.before.max.ms": str(2**63 - 1),
    "message.timestamp.after.max.ms": str(2**63 - 1),
}
# Throughput is computed from the timestamps that the broker gives to records on arrival.
_OUTPUT_TOPIC_CONFIG: Final = {"retention.ms": "-1", "message.timestamp.type": "LogAppendTime"}
_PRODUCER_QUEUE: Final = {
    "queue.buffering.max.kbytes": 512 * 1024,
    "queue.buffering.max.messages": 1_000_000,
}
KAFKA_TIMEOUT_SECONDS: Final = 60.0  # for a busy machine
# A new topic has no leader at first, a new group no coordinator, and a busy broker may not accept
# new topics.
retry_kafka_errors: Final = retry(
    retry=retry_if_exception_type(KafkaException),
    stop=stop_after_delay(KAFKA_TIMEOUT_SECONDS),
    wait=wait_fixed(0.1),
    reraise=True,
)


def client_config(servers: str, **settings: str | float | bool) -> dict[str, Any]:
    """Return the settings of a client; it logs nothing when the stack stops first."""
    return {"bootstrap.servers": servers, "log_level": 0, **settings}


@dataclass(frozen=True, slots=True)
class BenchmarkStack:
    """A running stack and the clients of the benchmark."""

    addresses: Addresses
    folder: Path
    admin: AdminClient
    mongo: "MongoClient[dict[str, Any]]"

    def create_input_topics(self, *topics: str, partitions: int = 6) -> None:
        """Create topics that keep old records with their own timestamps."""
        self._create(topics, partitions, _INPUT_TOPIC_CONFIG)

    def create_output_topics(self, *topics: str, partitions: int = 6) -> None:
        """Create topics on which the broker sets the timestamps."""
        self._create(topics, partitions, _OUTPUT_TOPIC_CONFIG)

    def _create(self, topics: Sequence[str], partitions: int, settings: dict[str, str]) -> None:
        for each in topics:
            self._create_one(NewTopic(each, partitions, 1, config=settings))

    @retry_kafka_errors
    def _create_one(self, topic: NewTopic) -> None:
        try:
            self.admin.create_topics([topic])[topic.topic].result()
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise

    def publish_data_set(self, data_set: DataSet) -> None:
        """Create the topic of a data set, and publish all its records."""
        self.create_input_topics(data_set.topic, partitions=data_set.partitions)
        publish_all(self, data_set.topic, data_set.messages())

    def producer(self, **settings: float) -> Producer:
        """Open a producer with the default partitioner of Java clients and a large queue."""
        servers = self.addresses.kafka_bootstrap_servers
        return Producer(
            client_config(servers, partitioner="murmur2_random") | _PRODUCER_QUEUE | settings
        )

    def consumer(self, group: str, **settings: float) -> Consumer:
        """Open a consumer that does not join its group: partitions are assigned by hand."""
        servers = self.addresses.kafka_bootstrap_servers
        group_settings = {
            "group.id": group,
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
        }
        return Consumer(client_config(servers) | group_settings | settings)

    @retry_kafka_errors
    def delete_group(self, group: str) -> None:
        """Delete a consumer group with its offsets, if it exists; retry until it has no members."""
        known = {each.group_id for each in self.admin.list_consumer_groups().result().valid}
        if group in known:
            self.admin.delete_consumer_groups([group])[group].result()


def publish_all(stack: BenchmarkStack, topic: str, messages: Iterable[Message]) -> None:
    """Publish records by their keys, and wait until all are acknowledged."""
    producer = stack.producer()
    for each in messages:
        producer.produce(
            topic, each.value, each.key, timestamp=each.time_ms, headers=list(each.headers)
        )
        producer.poll(0)
    producer.flush()


@contextmanager
def open_stack() -> Iterator[BenchmarkStack]:
    """Run a stack in a temporary folder, on all cores but the contender's."""
    pin_current_process(stack_cores())
    ports = free_ports(INFRASTRUCTURE_PORTS)
    with TemporaryDirectory(prefix="cppp-bench-") as name:
        folder = StackFolder(Path(name))
        programs = infrastructure(folder, ports, show_download, at_full_speed=True)
        with Stack(folder, ports, programs):
            addresses = local_addresses(ports, folder.maildir)
            admin = AdminClient(client_config(addresses.kafka_bootstrap_servers))
            mongo: MongoClient[dict[str, Any]] = MongoClient(addresses.mongodb_url)
            with mongo:
                yield BenchmarkStack(addresses, folder.root, admin, mongo)
