"""Fixtures of the tests of shared code."""

import gc

import pytest

from shared.events.envelope import dead_letter_topic, redrive_topic
from shared.kafka.topics import provide_topics
from tests.shared.scene import Scene


@pytest.fixture
async def scene(infra):
    scene = Scene(infra.kafka_bootstrap_servers)
    topics = [
        scene.input,
        scene.output,
        dead_letter_topic(scene.group),
        redrive_topic(scene.group),
    ]
    await provide_topics(scene.kafka, topics)
    return scene


@pytest.fixture
def no_garbage_collection():
    gc.collect()
    gc.disable()
    yield
    gc.enable()
