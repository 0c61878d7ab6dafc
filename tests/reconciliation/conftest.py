"""Expectations in a database of the test's own."""

import pytest

from services.reconciliation.store import MongoExpectations


@pytest.fixture
async def expectations(database):
    expectations = MongoExpectations(database)
    await expectations.prepare()
    await expectations.prepare()
    return expectations
