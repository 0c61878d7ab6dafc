"""Kafka and MongoDB keep what they took, whatever ends them."""

import json
import os
import signal

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from pymongo import MongoClient

from devstack.progress import show_download
from devstack.servers.addresses import local_addresses
from devstack.servers.infrastructure import INFRASTRUCTURE_PORTS, infrastructure
from devstack.stack.ports import free_ports
from devstack.stack.processes import belonging_to
from devstack.stack.stack import Stack
from devstack.waiting import wait_until
from tests.waiting import DEADLINE_SECONDS

pytestmark = pytest.mark.plays


def test_data_survives_kill_9_of_everything_and_a_move_to_other_ports(front, folder):
    ports = free_ports(INFRASTRUCTURE_PORTS)
    process = front("infrastructure", json.dumps(ports))
    keep_something(local_addresses(ports, folder.maildir))

    for pid in [process.pid, *belonging_to(folder.root)]:
        os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: belonging_to(folder.root) == [], 10)

    ports = free_ports(INFRASTRUCTURE_PORTS)
    with Stack(folder, ports, infrastructure(folder, ports, show_download)):
        assert what_is_kept(local_addresses(ports, folder.maildir)) == ({"_id": 1}, b"kept")


def keep_something(addresses):
    with MongoClient(addresses.mongodb_url, w="majority", journal=True) as client:
        client.test.things.insert_one({"_id": 1})
    servers = {"bootstrap.servers": addresses.kafka_bootstrap_servers}
    admin = AdminClient(servers)
    admin.create_topics([NewTopic("things", 1, 1)])["things"].result(10)
    producer = Producer({**servers, "acks": "all"})
    producer.produce("things", b"kept")
    assert producer.flush(10) == 0


def what_is_kept(addresses):
    with MongoClient(addresses.mongodb_url) as client:
        document = client.test.things.find_one()
    settings = {"bootstrap.servers": addresses.kafka_bootstrap_servers, "group.id": "test"}
    consumer = Consumer(settings)
    consumer.assign([TopicPartition("things", 0, 0)])
    record = consumer.poll(10)
    consumer.close()
    return document, record and record.value()


def test_the_infrastructure_of_the_tests_answers(infra):
    with MongoClient(infra.mongodb_url) as client:
        assert client.admin.command("hello")["setName"] == "rs0"
    admin = AdminClient({"bootstrap.servers": infra.kafka_bootstrap_servers})
    assert len(admin.list_topics(timeout=DEADLINE_SECONDS).brokers) == 1
    assert (infra.maildir / "new").is_dir()
