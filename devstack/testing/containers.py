"""Kafka and MongoDB from their public container images, for TEST_INFRA=docker."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager

from docker import from_env  # type: ignore[import-untyped]  # has no type information
from docker.errors import DockerException  # type: ignore[import-untyped]  # nor here
from testcontainers.core.container import DockerContainer

from devstack.errors import StackError
from devstack.servers.kafka import is_answering
from devstack.servers.mongodb import is_writable
from devstack.stack.ports import LOCALHOST
from devstack.waiting import wait_until

KAFKA_IMAGE = "apache/kafka:4.1.0"
MONGODB_IMAGE = "mongo:6.0"
_START_SECONDS = 120


@contextmanager
def containers(ports: Mapping[str, int]) -> Iterator[None]:
    """Run Kafka and MongoDB in containers, on these ports of this machine.

    Raises `StackError` if there is no Docker engine, or a container does not become ready.
    """
    require_docker()
    with ExitStack() as running:
        running.enter_context(_kafka(ports["kafka"]))
        running.enter_context(_mongodb(ports["mongodb"]))
        _wait("Kafka", lambda: is_answering(ports["kafka"]))
        _wait("MongoDB", lambda: is_writable(ports["mongodb"]))
        yield


def require_docker() -> None:
    """Check that a Docker engine is running.

    Raises `StackError` if none does.
    """
    try:
        client = from_env()
        client.ping()
    except DockerException as error:
        msg = "No Docker engine answers: start one, or use `make test`, which needs none."
        raise StackError(msg) from error
    client.close()


def _kafka(port: int) -> DockerContainer:
    settings = {
        "NODE_ID": "1",
        "PROCESS_ROLES": "broker,controller",
        "LISTENERS": "PLAINTEXT://:9092,CONTROLLER://:9093",
        "ADVERTISED_LISTENERS": f"PLAINTEXT://{LOCALHOST}:{port}",
        "LISTENER_SECURITY_PROTOCOL_MAP": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "AUTO_CREATE_TOPICS_ENABLE": "false",
        "GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "TRANSACTION_STATE_LOG_MIN_ISR": "1",
    }
    environment = {f"KAFKA_{name}": value for name, value in settings.items()}
    # A fixed port: clients must be able to reach the address that Kafka advertises.
    return DockerContainer(KAFKA_IMAGE).with_bind_ports(9092, port).with_envs(**environment)


def _mongodb(port: int) -> DockerContainer:
    # The same port inside and outside: a replica set member must reach itself by its address.
    command = f"--replSet rs0 --bind_ip_all --port {port}"
    return DockerContainer(MONGODB_IMAGE).with_bind_ports(port, port).with_command(command)


def _wait(name: str, is_ready: Callable[[], bool]) -> None:
    if not wait_until(is_ready, _START_SECONDS):
        msg = f"{name} in its container is not ready after {_START_SECONDS} s (see `docker logs`)."
        raise StackError(msg)


def main() -> None:
    """Exit with a message if there is no Docker engine."""
    try:
        require_docker()
    except StackError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
