"""Several processes poll one collection: each document is claimed by one of them."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient

from shared.events.envelope import Outgoing
from shared.metrics import Metrics
from shared.mongo import open_database
from shared.outbox.relay import Outbox, OutboxTuning
from shared.outbox.store import Claim, MongoOutbox, outbox_field
from shared.settings import MongoSettings
from tests.factories import NOW
from tests.shared.outbox.test_relay import (
    LONG_AGO,
    OURS,
    SHORT,
    THEIRS,
    FakeKept,
    FakePublisher,
    an_entry,
    insert,
    keys,
    running,
    until,
)

UNPUBLISHED = {"outbox": {"$exists": True}}
PACE = OutboxTuning(batch=5, poll_seconds=0.01)


@pytest.fixture(params=[AsyncIOMotorClient, AsyncMongoClient])
async def collection(infra, request):
    name = f"test-{uuid4().hex}"
    async with open_database(MongoSettings(url=infra.mongodb_url), name, request.param) as opened:
        yield opened["facts"]
        await opened.client.drop_database(name)


@pytest.fixture
def outbox(collection):
    return MongoOutbox(collection)


async def claimed(outbox: MongoOutbox, claim: Claim, limit: int = 10) -> list[Any]:
    return [each.id for each in await outbox.claim_due(NOW, limit, claim)]


async def test_a_claimed_document_is_not_claimed_by_another(collection, outbox):
    for age in range(3):
        await insert(collection, an_entry(f"{age}"), NOW - timedelta(seconds=age))

    assert await claimed(outbox, OURS, 2) == ["2", "1"]
    assert await claimed(outbox, THEIRS) == ["0"]
    assert await claimed(outbox, THEIRS) == ["0"], "one's own are still one's own"
    assert await claimed(outbox, OURS) == ["2", "1"]


async def test_of_concurrent_claims_on_a_document_one_succeeds(collection, outbox):
    for n in range(40):
        await insert(collection, an_entry(f"{n}"), LONG_AGO)

    found = await asyncio.gather(
        *(claimed(outbox, Claim(f"process {n}", 30), 40) for n in range(8))
    )

    assert Counter(each for part in found for each in part) == {f"{n}": 1 for n in range(40)}


async def test_the_claims_of_a_crashed_process_are_taken_over(collection, outbox):
    await insert(collection, an_entry("a"), LONG_AGO)
    assert await claimed(outbox, SHORT) == ["a"]

    async with asyncio.timeout(5):
        while not await claimed(outbox, OURS):  # noqa: ASYNC110  # the database tells no event
            await asyncio.sleep(0.01)

    assert await claimed(outbox, SHORT) == []


async def test_a_renewed_claim_does_not_expire(collection, outbox):
    await insert(collection, an_entry("a"), LONG_AGO)
    assert await claimed(outbox, SHORT) == ["a"]
    await outbox.renew(["a"], replace(SHORT, seconds=30))
    await insert(collection, an_entry("b"), LONG_AGO)
    assert await claimed(outbox, Claim("another", SHORT.seconds)) == ["b"]

    async with asyncio.timeout(5):
        while "b" not in (theirs := await claimed(outbox, THEIRS)):  # noqa: ASYNC110  # as above
            await asyncio.sleep(0.01)

    assert theirs == ["b"]


async def test_a_lost_claim_can_neither_be_renewed_nor_mark_documents(collection, outbox):
    await insert(collection, an_entry("a"), LONG_AGO)
    assert await claimed(outbox, OURS) == ["a"]

    await outbox.renew(["a"], SHORT)
    await outbox.mark_published(["a"], NOW, SHORT.by)
    assert await claimed(outbox, THEIRS) == []

    await outbox.mark_published(["a"], NOW, OURS.by)
    assert await collection.find_one({"_id": "a"}) == {"_id": "a", "published_at": NOW}


async def test_a_document_that_must_follow_another_is_not_claimed(collection, outbox):
    await insert(collection, an_entry("first"), LONG_AGO)
    later = outbox_field(an_entry("second").events, LONG_AGO + timedelta(seconds=1), "first")
    await collection.insert_one({"_id": "second", "outbox": later})

    assert await claimed(outbox, OURS) == ["first"]
    assert await claimed(outbox, THEIRS) == []

    await outbox.mark_published(["first"], NOW, OURS.by)
    assert await claimed(outbox, THEIRS) == ["second"]


class SlowPublisher(FakePublisher):
    """Publishes so slowly that another process polls several times."""

    async def publish(self, events: Sequence[Outgoing]) -> None:
        await asyncio.sleep(0.05)
        await super().publish(events)


async def test_two_processes_publish_each_unpublished_document_once(collection):
    for n in range(40):
        await insert(collection, an_entry(f"{n}"), LONG_AGO)
    publishers = [SlowPublisher(), SlowPublisher()]

    async with AsyncExitStack() as stack:
        for each in publishers:
            outbox = Outbox(MongoOutbox(collection), Metrics("test"), lambda: NOW, PACE)
            await stack.enter_async_context(running(outbox, each))
        async with asyncio.timeout(10):
            while await collection.count_documents(UNPUBLISHED):  # noqa: ASYNC110  # as above
                await asyncio.sleep(0.02)

    both = [keys(each.events) for each in publishers]
    assert Counter(both[0] + both[1]) == {f"{n}-0": 1 for n in range(40)}
    assert all(both), "both had their share"


async def test_while_kafka_is_down_the_claim_is_renewed():
    kept, publisher = FakeKept(), FakePublisher(is_down=True)
    kept.keep(an_entry("a"), LONG_AGO)
    outbox = Outbox(kept, Metrics("test"), lambda: NOW, replace(PACE, claim_seconds=0.03))

    async with running(outbox, publisher):
        await until(lambda: len(kept.renewed) > 2)
        publisher.is_down = False
        await until(lambda: kept.published == ["a"])

    assert kept.renewed[0] == ["a"]
