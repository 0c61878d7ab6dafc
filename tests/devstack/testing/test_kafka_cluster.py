"""Three brokers: what they confirmed outlives one of them."""

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic, ResourceType

from devstack.progress import show_download
from devstack.servers.jar_cache import kafka_classpath
from devstack.stack.ports import free_ports
from devstack.stack.stack import Stack
from devstack.testing.kafka_cluster import BROKERS, KAFKA_CLUSTER_PORTS, KafkaCluster

pytestmark = pytest.mark.plays


@pytest.mark.timeout(180)
def test_a_confirmed_record_outlives_the_broker_that_confirmed_it(folder):
    cluster = KafkaCluster(folder.data, free_ports(KAFKA_CLUSTER_PORTS))
    programs = cluster.programs(kafka_classpath(show_download))
    with Stack(folder, cluster.ports, programs) as stack:
        admin = AdminClient({"bootstrap.servers": cluster.bootstrap_servers})
        admin.create_topics([NewTopic("things", 1, len(BROKERS))])["things"].result(30)
        write(cluster, b"before")
        needed = confirmations_needed(admin)

        leader = admin.list_topics("things").topics["things"].partitions[0].leader
        stack.kill(BROKERS[leader - 1])
        write(cluster, b"while one is away")
        stack.wait_ready(BROKERS[leader - 1])

        assert needed == "2"
        assert read(cluster, 2) == [b"before", b"while one is away"]


def confirmations_needed(admin):
    topic = ConfigResource(ResourceType.TOPIC, "things")
    (asked,) = admin.describe_configs([topic]).values()
    return asked.result(30)["min.insync.replicas"].value


def write(cluster, value):
    producer = Producer({"bootstrap.servers": cluster.bootstrap_servers, "acks": "all"})
    producer.produce("things", value)
    assert producer.flush(60) == 0


def read(cluster, count):
    servers = {"bootstrap.servers": cluster.bootstrap_servers, "group.id": "test"}
    consumer = Consumer(servers)
    consumer.assign([TopicPartition("things", 0, 0)])
    records = consumer.consume(count, 30)
    consumer.close()
    return [each.value() for each in records]
