"""Stored events are published: at once, or later by polling."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from shared.clock import utc_now
from shared.errors import TransientError
from shared.events.envelope import Outgoing
from shared.metrics import Metrics
from shared.mongo import open_database
from shared.outbox.relay import Outbox, OutboxTuning
from shared.outbox.store import (
    Backlog,
    MongoOutbox,
    Unpublished,
    outbox_events,
    outbox_field,
)
from shared.settings import MongoSettings
from tests.factories import NOW
from tests.in_memory import FakeOutboxStore, FakePublisher
from tests.shared.outbox.entries import (
    LONG_AGO,
    OURS,
    an_entry,
    an_outgoing,
    insert,
    keys,
    running,
)
from tests.waiting import DEADLINE_SECONDS, eventually_async

QUICK = OutboxTuning(batch=2, buffered=4, poll_seconds=0.01, grace_seconds=60)


@pytest.fixture
def kept():
    return FakeOutboxStore()


@pytest.fixture
def publisher():
    return FakePublisher()


@pytest.fixture
def metrics():
    return Metrics("test")


@pytest.fixture
def outbox(kept, metrics):
    return Outbox(kept, metrics, lambda: NOW, QUICK)


async def test_enqueued_documents_are_published_in_order_and_marked(outbox, kept, publisher):
    async with running(outbox, publisher):
        outbox.enqueue([an_entry("a", 2), an_entry("b")])
        outbox.enqueue([an_entry("c")])
        await eventually_async(lambda: kept.published == ["a", "b", "c"])

    assert keys(publisher.events) == ["a-0", "a-1", "b-0", "c-0"]


async def test_documents_enqueued_before_kafka_is_up_are_published_then(outbox, kept, publisher):
    outbox.enqueue([an_entry("a")])

    async with running(outbox, publisher):
        await eventually_async(lambda: kept.published == ["a"])


async def test_documents_enqueued_soon_after_a_publish_are_published_together(
    kept, metrics, publisher
):
    outbox = Outbox(kept, metrics, lambda: NOW, OutboxTuning(gather_seconds=3600))
    async with running(outbox, publisher):
        outbox.enqueue([an_entry("a")])
        await eventually_async(lambda: kept.published == ["a"])
        for name in "bc":
            outbox.enqueue([an_entry(name)])
            for _ in range(20):  # a publish that does not gather gets its turn
                await asyncio.sleep(0)
            assert kept.published == ["a"]

    assert kept.published == ["a", "b", "c"]
    assert publisher.attempts == 2


async def test_unpublished_documents_are_published_the_oldest_first(outbox, kept, publisher):
    for age, name in enumerate(["d", "c", "b", "a"]):
        kept.keep(an_entry(name), LONG_AGO - timedelta(seconds=age))

    async with running(outbox, publisher):
        await eventually_async(lambda: len(kept.published) == 4)

    assert keys(publisher.events) == ["a-0", "b-0", "c-0", "d-0"]


async def test_recent_documents_are_left_to_the_process_that_wrote_them(outbox, kept, publisher):
    kept.keep(an_entry("recent"), NOW)
    kept.keep(an_entry("old"), LONG_AGO)

    async with running(outbox, publisher):
        await eventually_async(lambda: kept.published == ["old"])

    assert keys(publisher.events) == ["old-0"]


async def test_an_outage_is_waited_out_and_nothing_is_published_twice(outbox, kept, publisher):
    publisher.is_down = True
    for each in [an_entry("a"), an_entry("b"), an_entry("c")]:
        kept.keep(each, LONG_AGO)

    async with running(outbox, publisher):
        outbox.enqueue([an_entry("a"), an_entry("b"), an_entry("c")])
        await eventually_async(lambda: publisher.attempts >= 2)
        assert not await outbox.is_publishing()
        publisher.is_down = False
        await eventually_async(lambda: not kept.documents)
        assert await outbox.is_publishing()

    assert sorted(keys(publisher.events)) == ["a-0", "b-0", "c-0"]


async def test_documents_beyond_the_buffer_are_published_by_polling(outbox, kept, publisher):
    entries = [an_entry(f"{n}") for n in range(QUICK.buffered + 3)]
    for each in entries:
        kept.keep(each, LONG_AGO)

    outbox.enqueue(entries)
    async with running(outbox, publisher):
        await eventually_async(lambda: not kept.documents)

    assert sorted(keys(publisher.events)) == [f"{n}-0" for n in range(QUICK.buffered + 3)]


async def test_buffered_documents_are_published_at_the_end(outbox, kept, publisher):
    async with running(outbox, publisher):
        await eventually_async(lambda: True)
        outbox.enqueue([an_entry(f"{n}") for n in range(4)])

    assert kept.published == ["0", "1", "2", "3"]


async def test_an_outage_does_not_delay_the_stop(outbox, kept, publisher):
    publisher.is_down = True
    kept.keep(an_entry("a"), LONG_AGO)

    async with running(outbox, publisher):
        outbox.enqueue([an_entry("a")])
        await eventually_async(lambda: publisher.attempts > 0)

    assert list(kept.documents) == ["a"]


async def test_a_hanging_kafka_does_not_delay_the_stop(outbox):
    is_publishing = asyncio.Event()

    class HangingPublisher:
        async def publish(self, _events: Sequence[Outgoing]) -> None:
            is_publishing.set()
            await asyncio.Event().wait()

    async with running(outbox, HangingPublisher()):
        outbox.enqueue([an_entry("a")])
        await eventually_async(is_publishing.is_set)


async def test_the_gauges_show_size_and_age_of_the_backlog(outbox, kept, metrics):
    kept.keep(an_entry("a"), LONG_AGO)
    kept.keep(an_entry("b"), NOW)
    closing = asyncio.Event()
    watching = asyncio.create_task(outbox.watch(closing))

    def shown(name: str) -> float | None:
        return metrics.registry.get_sample_value(name, {"service": "test"})

    await eventually_async(lambda: shown("cppp_outbox_pending") == 2)
    assert shown("cppp_outbox_oldest_age_seconds") == 3600

    closing.set()
    await asyncio.wait_for(watching, DEADLINE_SECONDS)


@pytest.fixture
def collection(any_database):
    return any_database["facts"]


async def test_events_are_read_back_from_mongodb_byte_for_byte(collection):
    tombstone = an_outgoing("b", value=None)
    entry = Unpublished("a", [an_outgoing("a", b"\x00\xff{}"), tombstone])
    await insert(collection, entry, LONG_AGO)

    assert await MongoOutbox(collection).claim_due(NOW, 10, OURS) == [entry]


async def test_due_returns_documents_that_wait_long_enough_the_oldest_first_up_to_the_limit(
    collection,
):
    outbox = MongoOutbox(collection)
    await outbox.prepare()
    await outbox.prepare()
    for age in range(5):
        await insert(collection, an_entry(f"{age}"), NOW - timedelta(seconds=age))

    due = await outbox.claim_due(NOW - timedelta(seconds=1), 3, OURS)

    assert [each.id for each in due] == ["4", "3", "2"]


async def test_documents_stored_while_the_clock_was_far_ahead_are_due(collection):
    await insert(collection, an_entry("ahead"), NOW + timedelta(hours=2))
    await insert(collection, an_entry("just kept"), NOW)

    due = await MongoOutbox(collection).due(NOW - timedelta(seconds=3), 10)

    assert [each.id for each in due] == ["ahead"]


async def test_published_documents_are_not_due_and_have_no_event_bytes(collection):
    outbox = MongoOutbox(collection)
    await insert(collection, an_entry("a"), LONG_AGO)
    await insert(collection, an_entry("b"), LONG_AGO)

    await outbox.mark_published(["a"], NOW, OURS.by)

    assert [each.id for each in await outbox.claim_due(NOW, 10, OURS)] == ["b"]
    assert await collection.find_one({"_id": "a"}) == {"_id": "a", "published_at": NOW}


async def test_marking_again_changes_nothing(collection):
    outbox = MongoOutbox(collection)
    await insert(collection, an_entry("a"), LONG_AGO)

    await outbox.mark_published(["a"], NOW, OURS.by)
    await outbox.mark_published(["a", "unknown"], utc_now(), OURS.by)

    assert [each async for each in collection.find()] == [{"_id": "a", "published_at": NOW}]


async def test_the_backlog_counts_documents_and_finds_the_oldest(collection):
    outbox = MongoOutbox(collection)
    assert await outbox.backlog() == Backlog(0, None)

    await insert(collection, an_entry("a"), NOW)
    await insert(collection, an_entry("b"), LONG_AGO)
    await collection.insert_one({"_id": "published"})

    assert await outbox.backlog() == Backlog(2, LONG_AGO)


async def test_a_database_that_is_down_is_a_transient_error():
    url = "mongodb://127.0.0.1:1/?directConnection=true"
    async with open_database(MongoSettings(url=url), "nowhere", QuickClient) as opened:
        outbox = MongoOutbox(opened["facts"])
        for call in (
            outbox.prepare(),
            outbox.claim_due(NOW, 1, OURS),
            outbox.renew(["a"], OURS),
            outbox.mark_published(["a"], NOW, OURS.by),
            outbox.backlog(),
        ):
            with pytest.raises(TransientError):
                await call


def QuickClient(url: str, **settings: Any) -> Any:  # noqa: N802  # stands in for a class
    return AsyncIOMotorClient(url, **{**settings, "serverSelectionTimeoutMS": 50})


def test_the_order_of_headers_is_preserved():
    event = an_outgoing("a")

    assert outbox_events(outbox_field([event], NOW)) == [event]
