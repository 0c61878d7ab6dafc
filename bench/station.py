"""Real Kafka and MongoDB for one part of the benchmark, and what only the measurer does there."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]  # it is
from pymongo import MongoClient
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from bench.dataset import DataSet, Message
from bench.machine import keep_to, other_cores
from devstack.progress import show_download
from devstack.servers.addresses import Addresses, local_addresses
from devstack.servers.infrastructure import INFRASTRUCTURE_PORTS, infrastructure
from devstack.stack.folder import StackFolder
from devstack.stack.ports import free_ports
from devstack.stack.stack import Stack

_FOREVER: Final = {
    "retention.ms": "-1",
    "message.timestamp.before.max.ms": str(2**63 - 1),
    "message.timestamp.after.max.ms": str(2**63 - 1),
}
# The broker stamps what is published when it arrives: throughput is read from these stamps.
_STAMPED: Final = {"retention.ms": "-1", "message.timestamp.type": "LogAppendTime"}
_QUEUE: Final = {
    "queue.buffering.max.kbytes": 512 * 1024,
    "queue.buffering.max.messages": 1_000_000,
}


WAIT_SECONDS: Final = 60.0  # a busy machine may need long
# Topics that are new have no leader for a moment, new groups no coordinator, and a broker that is
# held up takes no new topics.
PATIENTLY: Final = retry(
    retry=retry_if_exception_type(KafkaException),
    stop=stop_after_delay(WAIT_SECONDS),
    wait=wait_fixed(0.1),
    reraise=True,
)


def kafka_client(servers: str, **settings: str | float | bool) -> dict[str, Any]:
    """Return the settings of a client that says nothing when the stack stops before it."""
    return {"bootstrap.servers": servers, "log_level": 0, **settings}


@dataclass(frozen=True, slots=True)
class Station:
    """A running stack with clients for the measurer."""

    addresses: Addresses
    folder: Path
    admin: AdminClient
    mongo: "MongoClient[dict[str, Any]]"

    def create_inputs(self, *topics: str, partitions: int = 6) -> None:
        """Create topics that are read."""
        self._create(topics, partitions, _FOREVER)

    def create_outputs(self, *topics: str, partitions: int = 6) -> None:
        """Create topics on which the broker's own time counts."""
        self._create(topics, partitions, _STAMPED)

    def _create(self, topics: Sequence[str], partitions: int, settings: dict[str, str]) -> None:
        for each in topics:
            self._create_one(NewTopic(each, partitions, 1, config=settings))

    @PATIENTLY
    def _create_one(self, topic: NewTopic) -> None:
        try:
            self.admin.create_topics([topic])[topic.topic].result()
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise

    def fill(self, data_set: DataSet) -> None:
        """Create the data set's topic and put all its records there."""
        self.create_inputs(data_set.topic, partitions=data_set.partitions)
        publish_all(self, data_set.topic, data_set.messages())

    def producer(self, **settings: float) -> Producer:
        """Open a producer that partitions as every other client does, and takes all there is."""
        servers = self.addresses.kafka_bootstrap_servers
        return Producer(kafka_client(servers, partitioner="murmur2_random") | _QUEUE | settings)

    def consumer(self, group: str, **settings: float) -> Consumer:
        """Open a consumer that joins no group."""
        servers = self.addresses.kafka_bootstrap_servers
        group_settings = {
            "group.id": group,
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
        }
        return Consumer(kafka_client(servers) | group_settings | settings)

    @PATIENTLY
    def forget_group(self, group: str) -> None:
        """Remove a consumer group with its offsets, if there is one, once its members are gone."""
        known = {each.group_id for each in self.admin.list_consumer_groups().result().valid}
        if group in known:
            self.admin.delete_consumer_groups([group])[group].result()


def publish_all(station: Station, topic: str, messages: Iterable[Message]) -> None:
    """Put records on a topic, by their keys as every other client does."""
    producer = station.producer()
    for each in messages:
        producer.produce(
            topic, each.value, each.key, timestamp=each.time_ms, headers=list(each.headers)
        )
        producer.poll(0)
    producer.flush()


@contextmanager
def open_station() -> Iterator[Station]:
    """Start a stack in a folder of its own, on all cores but the client's."""
    keep_to(other_cores())
    ports = free_ports(INFRASTRUCTURE_PORTS)
    with TemporaryDirectory(prefix="cppp-bench-") as name:
        folder = StackFolder(Path(name))
        programs = infrastructure(folder, ports, show_download, at_full_speed=True)
        with Stack(folder, ports, programs):
            addresses = local_addresses(ports, folder.maildir)
            admin = AdminClient(kafka_client(addresses.kafka_bootstrap_servers))
            mongo: MongoClient[dict[str, Any]] = MongoClient(addresses.mongodb_url)
            with mongo:
                yield Station(addresses, folder.root, admin, mongo)
