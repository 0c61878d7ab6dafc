"""Several processes poll one collection: each document is claimed by one of them."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.events.envelope import Outgoing
from shared.metrics import Metrics
from shared.outbox.relay import Outbox, OutboxTuning
from shared.outbox.store import Claim, MongoOutbox, outbox_field
from tests.factories import NOW
from tests.in_memory import FakeOutboxStore, FakePublisher
from tests.shared.outbox.entries import (
    LONG_AGO,
    OURS,
    SHORT,
    THEIRS,
    an_entry,
    insert,
    keys,
    running,
)
from tests.waiting import eventually_async

UNPUBLISHED = {"outbox": {"$exists": True}}
PACE = OutboxTuning(batch=5, poll_seconds=0.01)


@pytest.fixture
def collection(any_database):
    return any_database["facts"]


@pytest.fixture
def outbox(collection):
    return MongoOutbox(collection)


async def nothing_is_unpublished(collection) -> bool:
    return await collection.count_documents(UNPUBLISHED) == 0


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

    await eventually_async(lambda: claimed(outbox, OURS))

    assert await claimed(outbox, SHORT) == []


async def test_a_renewed_claim_does_not_expire(collection, outbox):
    await insert(collection, an_entry("a"), LONG_AGO)
    assert await claimed(outbox, SHORT) == ["a"]
    await outbox.renew(["a"], replace(SHORT, seconds=30))
    await insert(collection, an_entry("b"), LONG_AGO)
    assert await claimed(outbox, Claim("another", SHORT.seconds)) == ["b"]

    # The other process's claim of "b" expires; the renewed one of "a" does not.
    assert await eventually_async(lambda: claimed(outbox, THEIRS)) == ["b"]


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
        await asyncio.sleep(0.05)  # the slowness is the test
        await super().publish(events)


async def test_two_processes_publish_each_unpublished_document_once(collection):
    for n in range(40):
        await insert(collection, an_entry(f"{n}"), LONG_AGO)
    publishers = [SlowPublisher(), SlowPublisher()]

    async with AsyncExitStack() as stack:
        for each in publishers:
            outbox = Outbox(MongoOutbox(collection), Metrics("test"), lambda: NOW, PACE)
            await stack.enter_async_context(running(outbox, each))
        await eventually_async(lambda: nothing_is_unpublished(collection))

    both = [keys(each.events) for each in publishers]
    assert Counter(both[0] + both[1]) == {f"{n}-0": 1 for n in range(40)}
    assert all(both), "both had their share"


async def test_while_kafka_is_down_the_claim_is_renewed():
    kept, publisher = FakeOutboxStore(), FakePublisher(is_down=True)
    kept.keep(an_entry("a"), LONG_AGO)
    outbox = Outbox(kept, Metrics("test"), lambda: NOW, replace(PACE, claim_seconds=0.03))

    async with running(outbox, publisher):
        await eventually_async(lambda: len(kept.renewed) > 2)
        publisher.is_down = False
        await eventually_async(lambda: kept.published == ["a"])

    assert kept.renewed[0] == ["a"]
