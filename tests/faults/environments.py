"""Infrastructure that some faults need: clusters of three, a proxy, a small disk."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from devstack.progress import show_download
from devstack.servers.addresses import Addresses, local_addresses
from devstack.servers.infrastructure import INFRASTRUCTURE_PORTS, infrastructure
from devstack.servers.jar_cache import kafka_classpath
from devstack.servers.kafka import kafka
from devstack.servers.mail_sink import mail_sink
from devstack.servers.mongodb import mongodb
from devstack.stack.folder import StackFolder
from devstack.stack.ports import LOCALHOST, free_ports
from devstack.stack.stack import Stack
from devstack.testing.kafka_cluster import KAFKA_CLUSTER_PORTS, KafkaCluster
from devstack.testing.replica_set import MEMBERS, ReplicaSet
from devstack.testing.small_disk import SmallDisk, why_no_small_disk
from devstack.testing.tcp_proxy import TcpProxy
from tests.faults.environment import Environment, NotPossibleError, with_long_timeouts

PROXY = "mongodb-proxy"
_DISK_MEGABYTES = 600


def replica_set_of(stack: Stack) -> ReplicaSet:
    return ReplicaSet(stack.folder.data, stack.ports)


@contextmanager
def three_mongods(folder: StackFolder) -> Iterator[Environment]:
    """Start a MongoDB replica set of three, with one broker and a mail sink."""
    ports = free_ports(["kafka", "kafka-controller", "mail", *MEMBERS])
    replica_set = ReplicaSet(folder.data, ports)
    broker = kafka(folder.data / "kafka", ports, kafka_classpath(show_download))
    programs = [*replica_set.programs(), mail_sink(folder.maildir, ports), broker]
    with Stack(folder, ports, with_long_timeouts(programs)) as stack:
        addresses = Addresses(
            kafka_bootstrap_servers=f"{LOCALHOST}:{ports['kafka']}",
            mongodb_url=replica_set.url,
            smtp_url=f"smtp://{LOCALHOST}:{ports['mail']}",
            maildir=folder.maildir,
        )
        yield Environment(stack, addresses)


def kafka_cluster_of(stack: Stack) -> KafkaCluster:
    return KafkaCluster(stack.folder.data, stack.ports)


@contextmanager
def three_brokers(folder: StackFolder) -> Iterator[Environment]:
    """Start a Kafka cluster of three; services need its `service_settings`."""
    ports = free_ports(["kafka", "mongodb", "mail", *KAFKA_CLUSTER_PORTS])
    cluster = KafkaCluster(folder.data, ports)
    programs = [
        mongodb(folder.data / "mongodb", ports),
        mail_sink(folder.maildir, ports),
        *cluster.programs(kafka_classpath(show_download)),
    ]
    with Stack(folder, ports, with_long_timeouts(programs)) as stack:
        addresses = local_addresses(ports, folder.maildir)
        yield Environment(
            stack, replace(addresses, kafka_bootstrap_servers=cluster.bootstrap_servers)
        )


def proxy_of(stack: Stack) -> TcpProxy:
    ports = stack.ports
    return TcpProxy(PROXY, ports[PROXY], ports["mongodb"], stack.folder.run / f"{PROXY}.json")


@contextmanager
def proxied_mongodb(folder: StackFolder) -> Iterator[Environment]:
    """Start the default environment and a proxy to MongoDB; services use its `mongodb_url`."""
    ports = free_ports([*INFRASTRUCTURE_PORTS, PROXY])
    programs = infrastructure(folder, ports, show_download)
    with Stack(folder, ports, with_long_timeouts(programs)) as stack:
        stack.add_program(proxy_of(stack).program())
        yield Environment(stack, local_addresses(ports, folder.maildir))


def disk_of(folder: StackFolder) -> SmallDisk:
    return SmallDisk(folder.data / "small-disk", _DISK_MEGABYTES)


@contextmanager
def mongodb_on_a_small_disk(folder: StackFolder) -> Iterator[Environment]:
    """Start the default environment with MongoDB on a small disk, which can be filled.

    Raises:
        NotPossibleError: This machine cannot mount such a disk.
    """
    reason = why_no_small_disk()
    if reason:
        msg = f"no small disk: {reason}"
        raise NotPossibleError(msg)
    ports = free_ports(INFRASTRUCTURE_PORTS)
    disk = disk_of(folder)
    broker = kafka(folder.data / "kafka", ports, kafka_classpath(show_download))
    others = [mail_sink(folder.maildir, ports), broker]
    with Stack(folder, ports, with_long_timeouts([disk.program(), *others])) as stack:
        program = mongodb(disk.place, ports)
        # It writes to disk every second instead of every minute, so it soon needs space.
        program = replace(program, command=(*program.command, "--syncdelay", "1"))
        stack.add_program(*with_long_timeouts([disk.carrying(program)]))
        yield Environment(stack, local_addresses(ports, folder.maildir))
