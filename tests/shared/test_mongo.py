"""Stored documents, on the driver in use and on the one that may replace it."""

import asyncio
from unittest.mock import AsyncMock
from uuid import uuid4

import pytest
from prometheus_client import generate_latest
from pymongo.errors import BulkWriteError, OperationFailure

from shared.errors import DependencyError, TransientError
from shared.metrics import Metrics
from shared.mongo import insert_new, is_reachable, keep_first, open_database, translated_errors
from shared.settings import MongoSettings
from tests.factories import NOW


@pytest.fixture
def database(any_database):
    return any_database


async def test_new_documents_are_inserted_and_existing_ones_returned(database):
    await insert_new(database["docs"], [{"_id": "a", "n": 1}])

    known = await insert_new(database["docs"], [{"_id": "a", "n": 2}, {"_id": "b", "n": 2}])

    assert known == ["a"]
    assert [each async for each in database["docs"].find().sort("_id")] == [
        {"_id": "a", "n": 1},
        {"_id": "b", "n": 2},
    ]


async def test_nothing_to_insert_is_no_error(database):
    assert await insert_new(database["docs"], []) == []


async def test_the_first_document_of_an_id_wins_within_a_call_and_afterwards(database):
    first = await keep_first(database["docs"], [{"_id": "a", "n": 1}, {"_id": "a", "n": 2}])
    again = await keep_first(database["docs"], [{"_id": "a", "n": 3}, {"_id": "b", "n": 3}])

    assert first == [{"_id": "a", "n": 1}]
    assert again == [{"_id": "a", "n": 1}, {"_id": "b", "n": 3}]


async def test_concurrent_writers_agree_on_one_document(database):
    kept = await asyncio.gather(
        *(keep_first(database["docs"], [{"_id": "a", "writer": n}]) for n in range(20))
    )

    assert len({each[0]["writer"] for each in kept}) == 1


async def test_a_time_is_read_back_aware_and_equal(database):
    await insert_new(database["docs"], [{"_id": "a", "at": NOW.replace(microsecond=123_000)}])

    found = await database["docs"].find_one({"_id": "a"})

    assert found == {"_id": "a", "at": NOW.replace(microsecond=123_000)}


async def test_a_document_that_violates_another_unique_index_is_an_error_not_a_duplicate(database):
    await database["docs"].create_index("name", unique=True)
    await insert_new(database["docs"], [{"_id": "a", "name": "x"}])

    with pytest.raises(Exception, match="11000"):
        await insert_new(database["docs"], [{"_id": "b", "name": "x"}])


async def test_a_server_that_is_down_is_a_transient_error():
    nobody = MongoSettings(url="mongodb://127.0.0.1:9", wait_seconds=0.2)
    async with open_database(nobody, "nothing") as database:
        assert not await is_reachable(database)
        with pytest.raises(TransientError), translated_errors():
            await insert_new(database["docs"], [{"_id": "a"}])


async def test_commands_are_timed_by_name(infra):
    metrics, settings = Metrics("sample"), MongoSettings(url=infra.mongodb_url)
    async with open_database(settings, f"test-{uuid4().hex}", metrics=metrics) as database:
        await insert_new(database["docs"], [{"_id": "a"}, {"_id": "b"}])
        await database["docs"].create_index("name")
        await database.client.drop_database(database.name)

    text = generate_latest(metrics.registry).decode()
    timed = 'cppp_mongo_command_duration_seconds_count{command="%s",service="sample"} %s'
    assert timed % ("insert", "1.0") in text
    assert timed % ("find", "0.0") in text  # before the first one
    assert "createIndexes" not in text  # may take long without harm


def refused(code: int) -> BulkWriteError:
    return BulkWriteError({"writeErrors": [{"code": code, "index": 0}], "writeConcernErrors": []})


NO_SPACE_LEFT, NOT_PRIMARY, UNAUTHORIZED, INVALID_DOCUMENT, SOMETHING_NEW = 8, 10107, 13, 121, 99999


@pytest.mark.parametrize("code", [NO_SPACE_LEFT, NOT_PRIMARY])
def test_a_temporary_server_error_is_transient(code):
    for error in (refused(code), OperationFailure("refused", code)):
        with pytest.raises(TransientError), translated_errors():
            raise error


@pytest.mark.parametrize("code", [UNAUTHORIZED, SOMETHING_NEW])
def test_an_error_that_no_document_caused_is_a_dependency_error(code):
    for error in (refused(code), OperationFailure("refused", code)):
        with pytest.raises(DependencyError), translated_errors():
            raise error


def test_a_write_that_the_majority_has_not_confirmed_is_transient():
    unconfirmed = {"writeErrors": [], "writeConcernErrors": [{"code": 64, "errmsg": "timed out"}]}

    with pytest.raises(TransientError), translated_errors():
        raise BulkWriteError(unconfirmed)


async def test_a_duplicate_that_no_majority_has_confirmed_is_not_taken_for_ours(
    database, monkeypatch
):
    monkeypatch.setattr("shared.mongo.insert_new", AsyncMock(return_value=["a"]))

    with pytest.raises(TransientError):
        await keep_first(database["docs"], [{"_id": "a", "n": 1}])


def test_an_error_that_a_document_caused_is_raised_unchanged():
    with pytest.raises(BulkWriteError), translated_errors():
        raise refused(INVALID_DOCUMENT)
