"""What is counted of the writes to MongoDB."""

from uuid import uuid4

import pytest

from shared.metrics import Metrics
from shared.mongo import UpdateOne, insert_new, open_database
from shared.settings import MongoSettings

RESULTS = {
    "insert": ("inserted", "duplicate", "error"),
    "update": ("matched", "inserted", "duplicate", "error"),
    "delete": ("deleted", "error"),
}
EVERY_RESULT = {(op, result): 0.0 for op, results in RESULTS.items() for result in results}


@pytest.fixture
def metrics():
    return Metrics("sample")


@pytest.fixture
async def collection(infra, metrics):
    settings = MongoSettings(url=infra.mongodb_url)
    async with open_database(settings, f"test-{uuid4().hex}", metrics=metrics) as database:
        yield database["things"]
        await database.client.drop_database(database.name)


def written(metrics: Metrics) -> dict[tuple[str, str], float]:
    [family] = [each for each in metrics.registry.collect() if each.name == "cppp_mongo_bulk_ops"]
    return {(s.labels["op"], s.labels["result"]): s.value for s in family.samples}


@pytest.mark.usefixtures("collection")
async def test_every_result_begins_at_0(metrics):
    assert written(metrics) == EVERY_RESULT


async def test_what_is_written_a_second_time_is_a_duplicate(metrics, collection):
    await insert_new(collection, [{"_id": each} for each in range(500)])
    await insert_new(collection, [{"_id": each} for each in range(1, 501)])

    changed = {("insert", "inserted"): 501.0, ("insert", "duplicate"): 499.0}
    assert written(metrics) == EVERY_RESULT | changed


async def test_updates_are_told_from_upserts_and_from_deletions(metrics, collection):
    await collection.insert_many([{"_id": 1}, {"_id": 2}])
    await collection.bulk_write(
        [
            UpdateOne({"_id": 1}, {"$set": {"state": "sent"}}),
            UpdateOne({"_id": 2}, {"$set": {"state": "sent"}}),
            UpdateOne({"_id": 3}, {"$set": {"state": "sent"}}, upsert=True),
        ]
    )
    await collection.delete_many({"state": "sent"})

    changed = {
        ("insert", "inserted"): 2.0,
        ("update", "matched"): 2.0,
        ("update", "inserted"): 1.0,
        ("delete", "deleted"): 3.0,
    }
    assert written(metrics) == EVERY_RESULT | changed


async def test_a_document_that_a_rule_refuses_is_an_error(metrics, collection):
    database = collection.database
    await database.create_collection("strict", validator={"state": {"$type": "string"}})

    with pytest.raises(Exception, match="validation"):
        await database["strict"].insert_many([{"state": "sent"}, {"state": 1}], ordered=False)

    changed = {("insert", "inserted"): 1.0, ("insert", "error"): 1.0}
    assert written(metrics) == EVERY_RESULT | changed


async def test_connections_are_counted_while_they_are_open(infra, metrics):
    assert value_of(metrics, "cppp_mongo_connections") is None
    settings = MongoSettings(url=infra.mongodb_url)
    async with open_database(settings, "test-connections", metrics=metrics) as database:
        await database["things"].find_one({})
        assert value_of(metrics, "cppp_mongo_connections") == 1
        assert 0 < value_of(metrics, "cppp_mongo_connection_waiting_seconds_total") < 30

    assert value_of(metrics, "cppp_mongo_connections") == 0


def value_of(metrics: Metrics, name: str) -> float | None:
    return metrics.registry.get_sample_value(name, {"service": "sample"})
