"""Expectations in a separate database for each test."""

import pytest

from services.reconciliation.store import MongoExpectations


@pytest.fixture
async def expectations(database):
    expectations = MongoExpectations(database)
    await expectations.prepare()
    await expectations.prepare()
    return expectations
