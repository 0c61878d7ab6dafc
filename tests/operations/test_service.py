"""The service as a process, beside a real Kafka."""

import time
from uuid import uuid4

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from services.operations.settings import SERVICE
from shared.clock import from_milliseconds
from shared.events.envelope import Topic, recorded
from shared.kafka.topics import provide_topics
from shared.settings import KafkaSettings
from tests.kafka import KafkaClient
from tests.waiting import eventually

GROUP = f"test-{uuid4().hex[:12]}"
TOPIC = f"{GROUP}.facts.v1"


@pytest.fixture
async def kafka(infra):
    """Kafka with a group that is one record behind, written ten minutes ago."""
    servers = infra.kafka_bootstrap_servers
    settings = KafkaSettings(bootstrap_servers=servers, topic_partitions=1)
    await provide_topics(settings, [Topic(TOPIC)])
    client = KafkaClient(servers)
    header = recorded(from_milliseconds(round((time.time() - 600) * 1000)))
    client.write(TOPIC, b"v", [header], b"k")
    client.commit(GROUP, TOPIC, {0: (0, "")})
    return client


def value(service, name, group=GROUP):
    """Return the value of a metric for a group."""
    text = httpx.get(f"{service.url}/metrics").text
    for family in text_string_to_metric_families(text):
        for each in family.samples:
            if each.name == name and each.labels.get("group") == group:
                return each.value
    return None


def test_it_shows_the_lag_of_a_group_and_follows_it(service_process, kafka):
    service = service_process(SERVICE, {"OPERATIONS_REFRESH_SECONDS": "1"})
    before = time.time()

    # It serves its page before Kafka has answered for the first time.
    seconds = eventually(lambda: value(service, "kafka_consumergroup_group_lag_seconds"))

    assert 600 <= seconds <= 600 + time.time() - before + 60
    assert value(service, "kafka_consumergroup_group_lag") == 1
    assert value(service, "kafka_consumergroup_members") == 0
    assert httpx.get(service.url).headers["content-type"] == "text/html; charset=utf-8"

    kafka.commit(GROUP, TOPIC, {0: (1, "")})
    eventually(lambda: value(service, "kafka_consumergroup_group_lag") == 0)
    assert value(service, "kafka_consumergroup_group_lag_seconds") == 0


def test_a_service_that_is_gone_has_no_members_and_should_have_some(service_process):
    operations = service_process(SERVICE, {"OPERATIONS_REFRESH_SECONDS": "1"})
    reader = service_process("reconciliation", restart=False)
    members = "kafka_consumergroup_members"
    eventually(lambda: value(operations, members, "reconciliation"))

    reader.kill()

    eventually(lambda: value(operations, members, "reconciliation") == 0)
    assert value(operations, "cppp_consumer_group_registered", "reconciliation") == 1
