"""Fixtures used everywhere."""

from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient

from shared.mongo import open_database
from shared.settings import MongoSettings
from tests.tracing import recording

pytest_plugins = ["devstack.testing.pytest_plugin"]

_ONLY_WHEN_ASKED = ("faults", "browser", "screens")

# How long examples take says more about a busy machine than about the code.
settings.register_profile(
    "any-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any-machine")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect what takes long unless `-m` asks for it by its name."""
    asked = config.getoption("markexpr", "")
    left_out = [each for each in _ONLY_WHEN_ASKED if each not in asked]
    deselected = [item for item in items if any(map(item.get_closest_marker, left_out))]
    config.hook.pytest_deselected(items=deselected)
    items[:] = [item for item in items if item not in deselected]


@pytest.fixture
def spans(monkeypatch):
    """The spans that are reported while tracing is on in this process, as they end."""
    return recording(monkeypatch)


@pytest.fixture
async def database(infra):
    """A database of the test's own."""
    async with _temporary_database(infra, AsyncIOMotorClient) as database:
        yield database


@pytest.fixture(params=[AsyncIOMotorClient, AsyncMongoClient])
async def any_database(request, infra):
    """A database through either driver: moving from one to the other is a change of one line."""
    async with _temporary_database(infra, request.param) as database:
        yield database


@asynccontextmanager
async def _temporary_database(infra: Any, client_class: Any):
    name = f"test-{uuid4().hex}"
    settings = MongoSettings(url=infra.mongodb_url)
    async with open_database(settings, name, client_class) as database:
        yield database
        await database.client.drop_database(name)
