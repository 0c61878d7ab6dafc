"""A Kafka cluster of three brokers, so that a test can stop one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from devstack.servers.kafka import Broker, Node, is_answering, new_cluster_id, settings
from devstack.stack.ports import LOCALHOST
from devstack.stack.program import Program

BROKERS = ("kafka-1", "kafka-2", "kafka-3")
KAFKA_CLUSTER_PORTS = tuple(name for each in BROKERS for name in (each, f"{each}-controller"))
_HEAP_MEGABYTES = 384


@dataclass(frozen=True)
class KafkaCluster:
    """Three brokers, each with a folder in `data`; topics must be replicated to all three.

    Two brokers acknowledge a write, so that one may be down without data loss.
    """

    data: Path
    ports: Mapping[str, int]

    @property
    def bootstrap_servers(self) -> str:
        """The bootstrap servers, with all brokers."""
        return ",".join(f"{LOCALHOST}:{self.ports[name]}" for name in BROKERS)

    @property
    def service_settings(self) -> dict[str, str]:
        """Settings with which services use it and replicate their topics to all three."""
        return {
            "KAFKA_BOOTSTRAP_SERVERS": self.bootstrap_servers,
            "KAFKA_TOPIC_REPLICATION_FACTOR": str(len(BROKERS)),
        }

    def programs(self, jars: Sequence[Path]) -> list[Program]:
        """Return the brokers as programs named by `BROKERS`, started from `jars`."""
        cluster_id = new_cluster_id()
        nodes = [
            Node(number, self.ports[name], self.ports[f"{name}-controller"])
            for number, name in enumerate(BROKERS, 1)
        ]
        return [
            Broker(
                self.data / name, tuple(jars), settings(nodes, node), cluster_id, _HEAP_MEGABYTES
            ).program(name, partial(is_answering, node.port))
            for name, node in zip(BROKERS, nodes, strict=True)
        ]
