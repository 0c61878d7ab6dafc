"""Indexes at start: one that does the same will do, and a refusal says what to do."""

import asyncio
import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from pymongo import MongoClient

from shared.errors import SetupError, TransientError
from shared.mongo import IndexModel, open_database
from shared.mongo_indexes import create_indexes
from shared.settings import MongoSettings

ROOT = Path(__file__).parents[2]
KINDS = {
    "plain": {},
    "unique": {"unique": True},
    "sparse": {"sparse": True},
    "partial": {"partialFilterExpression": {"due_at": {"$exists": True}}},
    "unique and partial": {"unique": True, "partialFilterExpression": {"n": {"$gt": 0}}},
    "expiring": {"expireAfterSeconds": int(timedelta(days=1).total_seconds())},
}
KEYS = [("round", 1), ("number", -1)]


@pytest.fixture
def database(any_database):
    return any_database


async def names(collection):
    return set(await collection.index_information()) - {"_id_"}


def keys_of(kind):
    return [("round", 1)] if kind == "expiring" else KEYS


@pytest.mark.parametrize("kind", KINDS)
async def test_an_index_is_created_once(database, kind):
    for _ in range(2):
        await create_indexes(database["docs"], IndexModel(keys_of(kind), name="a", **KINDS[kind]))

    assert await names(database["docs"]) == {"a"}


@pytest.mark.parametrize("kind", KINDS)
async def test_an_equal_index_under_another_name_will_do(database, kind):
    await database["docs"].create_index(keys_of(kind), name="operator's", **KINDS[kind])

    await create_indexes(database["docs"], IndexModel(keys_of(kind), **KINDS[kind]))

    assert await names(database["docs"]) == {"operator's"}


@pytest.mark.parametrize(
    ("existing", "wanted"), [({}, {"unique": True}), ({"unique": True}, {}), ({"sparse": True}, {})]
)
async def test_one_that_does_something_else_is_not_taken_for_ours(database, existing, wanted):
    await database["docs"].create_index([("round", 1)], name="mine", **existing)

    await create_indexes(database["docs"], IndexModel([("round", 1)], name="ours", **wanted))

    assert await names(database["docs"]) == {"mine", "ours"}


@pytest.mark.parametrize(
    ("existing", "wanted"),
    [
        ({"hidden": True}, {}),
        ({"expireAfterSeconds": 60}, {"expireAfterSeconds": 3600}),
    ],
)
async def test_one_with_other_options_ends_the_start_and_says_what_to_do(
    database, existing, wanted
):
    await database["docs"].create_index([("round", 1)], name="mine", **existing)

    with pytest.raises(SetupError) as refused:
        await create_indexes(database["docs"], IndexModel([("round", 1)], name="ours", **wanted))

    told = str(refused.value)
    assert f"the index ours of {database.name}.docs with code 8" in told
    assert f"keys {{'round': 1}} and options {wanted}: drop the one that has its keys" in told


async def test_other_keys_under_the_same_name_end_the_start(database):
    await database["docs"].create_index([("b", 1)], name="ours")

    with pytest.raises(SetupError, match=r"index ours of .*docs with code 86\. .*drop the one"):
        await create_indexes(database["docs"], IndexModel([("a", 1)], name="ours"))


async def test_keys_in_another_order_are_another_index(database):
    await database["docs"].create_index(KEYS[::-1], name="other")

    await create_indexes(database["docs"], IndexModel(KEYS, name="ours"))

    assert await names(database["docs"]) == {"other", "ours"}


async def test_documents_that_break_a_unique_index_are_said_to_and_not_shown(database):
    await database["docs"].insert_many([{"name": "Chan Tai Man"}, {"name": "Chan Tai Man"}])

    with pytest.raises(SetupError, match=r"code 11000\. .*remove the documents") as refused:
        await create_indexes(database["docs"], IndexModel("name", unique=True))

    assert "Chan" not in str(refused.value)


async def test_any_other_refusal_has_its_code(database):
    await database.create_collection("view", viewOn="docs", pipeline=[])

    with pytest.raises(SetupError, match=r"index a_1 of .*view with code 166\. .*the right to"):
        await create_indexes(database["view"], IndexModel("a"))


async def test_a_server_that_is_down_is_waited_for():
    nobody = MongoSettings(url="mongodb://127.0.0.1:9", wait_seconds=0.2)
    async with open_database(nobody, "nothing") as database:
        with pytest.raises(TransientError):
            await create_indexes(database["docs"], IndexModel("a"))


@pytest.fixture
def conflicting_index(infra):
    with MongoClient(infra.mongodb_url) as client:
        collection = client["reconciliation"]["expectations"]
        collection.drop_indexes()
        collection.create_index("by_hand", name="application_id_1")
        yield
        collection.drop_indexes()


@pytest.mark.timeout(120)
@pytest.mark.usefixtures("conflicting_index")
def test_a_service_that_cannot_start_logs_collection_index_and_code(infra):
    settings = {
        "KAFKA_BOOTSTRAP_SERVERS": infra.kafka_bootstrap_servers,
        "MONGODB_URL": infra.mongodb_url,
        "HTTP_PORT": "0",
    }
    ended = subprocess.run(  # our own program
        [sys.executable, "-m", "services.reconciliation"],
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )

    assert ended.returncode == 1
    (line,) = [each for each in ended.stdout.splitlines() if "consumer.died" in each]
    assert "the index application_id_1 of reconciliation.expectations with code 86" in line
    assert "drop the one that has its keys or its name, then start again" in line


def test_every_store_creates_its_indexes_this_way():
    modules = [*ROOT.glob("services/**/*.py"), *ROOT.glob("shared/**/*.py")]
    direct = [
        each.name
        for each in modules
        if re.search(r"\.create_index(es)?\(", each.read_text(encoding="utf-8"))
    ]

    assert direct == ["mongo_indexes.py"]


async def test_an_index_is_created_while_documents_are_written(database):
    documents = database["docs"]
    await documents.insert_many([{"round": number} for number in range(2_000)])
    creating = asyncio.create_task(create_indexes(documents, IndexModel([("round", 1)], name="a")))
    written = 0
    while not creating.done() or not written:
        await documents.insert_one({"round": -1})
        written += 1
    await creating

    assert await names(documents) == {"a"}
    assert await documents.count_documents({"round": -1}) == written
