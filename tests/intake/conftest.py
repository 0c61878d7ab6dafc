"""The service as its clients see it."""

import pytest

from tests.intake.running import running_intake
from tests.kafka import KafkaClient


@pytest.fixture(scope="module")
def intake(infra):
    """One running service for the tests of a module; each uses its own idempotency keys."""
    with running_intake(infra) as running:
        yield running


@pytest.fixture
def client(intake):
    """A client of the running service."""
    with intake.client() as opened:
        yield opened


@pytest.fixture
def kafka(infra):
    """Kafka as an independent client sees it."""
    return KafkaClient(infra.kafka_bootstrap_servers)
