"""Real Kafka and MongoDB for one part of the benchmark, and what only the measurer does there."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]  # it is
from pymongo import MongoClient

from bench.dataset import DataSet, Message
from bench.machine import keep_to, other_cores
from devstack.addresses import Addresses, local_addresses
from devstack.folder import StackFolder
from devstack.infrastructure import INFRASTRUCTURE_PORTS, infrastructure
from devstack.ports import free_ports
from devstack.progress import show_download
from devstack.stack import Stack

_FOREVER: Final = {
    "retention.ms": "-1",
    "message.timestamp.before.max.ms": str(2**63 - 1),
    "message.timestamp.after.max.ms": str(2**63 - 1),
}
# The broker stamps what is published when it arrives: throughput is read from these stamps.
_STAMPED: Final = {"retention.ms": "-1", "message.timestamp.type": "LogAppendTime"}
_QUEUE_KILOBYTES: Final = 512 * 1024


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
        wanted = [NewTopic(each, partitions, 1, config=settings) for each in topics]
        for created in self.admin.create_topics(wanted).values():
            created.result()

    def fill(self, data_set: DataSet) -> None:
        """Create the data set's topic and put all its records there."""
        self.create_inputs(data_set.topic, partitions=data_set.partitions)
        publish_all(self, data_set.topic, data_set.messages())

    def forget_group(self, group: str) -> None:
        """Remove a consumer group with its offsets, if there is one."""
        known = {each.group_id for each in self.admin.list_consumer_groups().result().valid}
        if group in known:
            self.admin.delete_consumer_groups([group])[group].result()


def publish_all(station: Station, topic: str, messages: Iterable[Message]) -> None:
    """Put records on a topic, by their keys as every other client does."""
    producer = Producer(
        {
            "bootstrap.servers": station.addresses.kafka_bootstrap_servers,
            "partitioner": "murmur2_random",
            "queue.buffering.max.kbytes": _QUEUE_KILOBYTES,
            "queue.buffering.max.messages": 1_000_000,
        }
    )
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
        with Stack(folder, ports, infrastructure(folder, ports, show_download)):
            addresses = local_addresses(ports, folder.maildir)
            admin = AdminClient({"bootstrap.servers": addresses.kafka_bootstrap_servers})
            mongo: MongoClient[dict[str, Any]] = MongoClient(addresses.mongodb_url)
            with mongo:
                yield Station(addresses, folder.root, admin, mongo)
