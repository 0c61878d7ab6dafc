"""Missing topics are created as soon as a controller is known."""

from uuid import uuid4

import pytest
from aiokafka.cluster import ClusterMetadata

from shared.errors import TransientError
from shared.events.envelope import Topic
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
