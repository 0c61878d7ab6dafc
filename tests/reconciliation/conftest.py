"""Expectations in a database of the test's own."""

from uuid import uuid4

import pytest

from services.reconciliation.store import MongoExpectations
from shared.mongo import open_database
from shared.settings import MongoSettings


@pytest.fixture
async def database(infra):
    name = f"test-{uuid4().hex}"
    async with open_database(MongoSettings(url=infra.mongodb_url), name) as database:
        yield database
        await database.client.drop_database(name)


@pytest.fixture
async def expectations(database):
    expectations = MongoExpectations(database)
    await expectations.prepare()
    await expectations.prepare()
    return expectations
