"""Missing topics are created as soon as a controller is known."""

from dataclasses import replace
from uuid import uuid4

import pytest
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.cluster import ClusterMetadata

from shared.errors import TransientError
from shared.events.envelope import Topic
from shared.kafka.admin import open_admin
from shared.kafka.topics import provide_topics
from shared.settings import KafkaSettings
from tests.kafka import KafkaClient


async def test_an_election_of_the_controller_is_a_transient_error(infra, monkeypatch):
    """aiokafka sends to an unknown controller; once fixed, it raises an error of its own."""
    settings = KafkaSettings(bootstrap_servers=infra.kafka_bootstrap_servers)
    update = ClusterMetadata.update_metadata

    def update_without_controller(self, metadata):
        update(self, metadata)
        self.controller = None

    monkeypatch.setattr(ClusterMetadata, "update_metadata", update_without_controller)

    with pytest.raises(TransientError):
        await provide_topics(settings, [Topic(f"test-{uuid4().hex[:12]}")])


async def test_creating_topics_may_be_switched_off(infra):
    settings = KafkaSettings(bootstrap_servers=infra.kafka_bootstrap_servers, create_topics=False)
    topic = f"test-{uuid4().hex[:12]}"

    await provide_topics(settings, [Topic(topic)])

    assert topic not in KafkaClient(infra.kafka_bootstrap_servers).topics()


async def test_a_topic_that_exists_stays_as_it_is(infra):
    settings = KafkaSettings(bootstrap_servers=infra.kafka_bootstrap_servers, topic_partitions=2)
    topic = Topic(f"test-{uuid4().hex[:12]}")
    await provide_topics(settings, [topic])

    more = settings.model_copy(update={"topic_partitions": 6})
    await provide_topics(more, [replace(topic, compacted=True)])

    async with open_admin(settings) as admin:
        [described] = await admin.describe_topics([topic.name])
        [configured] = await admin.describe_configs(
            [ConfigResource(ConfigResourceType.TOPIC, topic.name)]
        )
    assert len(described["partitions"]) == 2
    values = {each[0]: each[1] for each in configured.resources[0][4]}
    assert values["cleanup.policy"] == "delete"
