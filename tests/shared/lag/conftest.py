"""Fixtures of the tests of lag."""

import pytest

from tests.shared.lag.scene import LagScene


@pytest.fixture
async def scene(infra):
    scene = LagScene(infra.kafka_bootstrap_servers)
    yield scene
    await scene.reader.close()
