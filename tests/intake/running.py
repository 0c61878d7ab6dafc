"""The real service, run by a test in a thread of its own, with real HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import httpx
import pytest
from pymongo import MongoClient

from services.intake.app import create_app
from tests.serving import served
from tests.waiting import DEADLINE_SECONDS

# For many applications: it accepts them, and publishes none. Services that later tests start on the
# same Kafka would otherwise decide and mail them all.
WITHOUT_KAFKA = {"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9"}


def environment(infra, **settings: str) -> dict[str, str]:
    """Name the settings of a service on the test infrastructure."""
    return {
        "KAFKA_BOOTSTRAP_SERVERS": infra.kafka_bootstrap_servers,
        "MONGODB_URL": infra.mongodb_url,
        "INTAKE_ID_SECRET": "only good enough for tests".ljust(40),
        **settings,
    }


class RunningIntake:
    """A running service: where it answers, and its own database."""

    def __init__(self, url: str, database) -> None:
        self.url = url
        self.name = database.name
        self.database = database
        self.applications = database["applications"]
        self._settings = {"base_url": url, "trust_env": False, "timeout": DEADLINE_SECONDS}

    def client(self, **options) -> httpx.Client:
        """Open a client of the service."""
        return httpx.Client(**self._settings, **options)

    def async_client(self, **options) -> httpx.AsyncClient:
        """Open a client for many requests at a time."""
        return httpx.AsyncClient(**self._settings, **options)


@contextmanager
def running_intake(infra, database: str = "", **settings: str) -> Iterator[RunningIntake]:
    """Run the service until the end of the block, with a database of its own if none is named."""
    name = database or f"test-{uuid4().hex}"
    with pytest.MonkeyPatch.context() as patch:
        for variable, value in environment(infra, **settings).items():
            patch.setenv(variable, value)
        app = create_app(name)
        with MongoClient(infra.mongodb_url, tz_aware=True) as client:
            with served(app) as url:
                yield RunningIntake(url, client[name])
            # Not before: the update of an outbox that loses its collection is an error, and ends
            # the process.
            if not database:
                client.drop_database(name)
