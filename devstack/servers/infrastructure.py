"""Kafka, MongoDB and the mail sink, as programs."""

from collections.abc import Mapping

from devstack.servers.jar_cache import ShowDownload, kafka_classpath
from devstack.servers.kafka import kafka
from devstack.servers.mail_sink import mail_sink
from devstack.servers.mongodb import mongodb
from devstack.stack.folder import StackFolder
from devstack.stack.program import Program

INFRASTRUCTURE_PORTS: Mapping[str, int] = {
    "kafka": 9092,
    "kafka-controller": 9093,
    "mongodb": 27017,
    "mail": 1025,
}


def infrastructure(
    folder: StackFolder,
    ports: Mapping[str, int],
    show: ShowDownload,
    *,
    at_full_speed: bool = False,
) -> list[Program]:
    """Return the programs that the services need, after downloading what is missing.

    In this order, mongod starts while Kafka's folder is formatted. Use `at_full_speed` to measure
    throughput; without it Kafka starts sooner.

    Raises `StackError` if one of them cannot be downloaded or does not run here.
    """
    return [
        mongodb(folder.data / "mongodb", ports),
        mail_sink(folder.maildir, ports),
        kafka(folder.data / "kafka", ports, kafka_classpath(show), at_full_speed=at_full_speed),
    ]
