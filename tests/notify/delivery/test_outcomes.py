"""Outcomes are stored behind the workers, in batches, and no more wait than may."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from services.notify.delivery.claims import Claims
from services.notify.delivery.outcomes import OutcomeWriter, Recording
from services.notify.model import Sent
from services.notify.settings import NotifySettings
from services.notify.store.notifications import MongoNotifications
from services.notify.wiring import stores_in
from shared.clock import utc_now
from shared.errors import AbandonedError, TransientError
from shared.metrics import Metrics
from shared.outbox.relay import Outbox
from shared.outbox.store import MongoOutbox
from tests.factories import NOW, a_notification
from tests.waiting import DEADLINE_SECONDS, eventually_async

SENT = Sent("<1@x>", "en", NOW)


class CountingNotifications(MongoNotifications):
    """Notifications that remember how many outcomes came together."""

    def __init__(self, collection) -> None:
        super().__init__(collection, "this")
        self.together: list[int] = []
        self.is_down = False

    async def store_outcomes(self, updates, now):
        if self.is_down:
            raise TransientError
        await super().store_outcomes(updates, now)
        self.together.append(len(updates))


@pytest.fixture
def store(database):
    return CountingNotifications(database["notifications"])


@pytest.fixture
async def claimed(store):
    notifications = [a_notification() for _ in range(8)]
    await store.keep(notifications, utc_now())
    await store.claim(utc_now(), utc_now(), 10)
    return notifications


@pytest.fixture
def outcomes(store, database):
    outbox = Outbox(MongoOutbox(database["notifications"]), Metrics("notify"), utc_now)
    stores = stores_in(database, NotifySettings())
    object.__setattr__(stores, "notifications", store)
    return OutcomeWriter(stores, Claims(store, 6, utc_now), outbox, utc_now, Recording(4))


@asynccontextmanager
async def storing(outcomes):
    stopped = asyncio.Event()
    running = asyncio.create_task(outcomes.run(stopped))
    yield
    stopped.set()
    outcomes.stop()
    await asyncio.wait_for(running, DEADLINE_SECONDS)


async def state_of(store, notification):
    [status] = await store.of(notification.application_id)
    return status.state


async def all_sent(store, notifications):
    return {await state_of(store, each) for each in notifications} == {"sent"}


async def test_what_is_recorded_is_stored_together(outcomes, store, claimed):
    async with storing(outcomes):
        for each in claimed:
            outcomes.record(each, SENT)
        await eventually_async(lambda: all_sent(store, claimed))

    assert store.together == [8]


async def test_a_permit_is_free_again_only_when_its_outcome_is_stored(outcomes, store, claimed):
    store.is_down, closing = True, asyncio.Event()
    async with storing(outcomes):
        for each in claimed[:4]:
            await outcomes.permits.take(closing)
            outcomes.record(each, SENT)
        fifth = asyncio.create_task(outcomes.permits.take(closing))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(fifth), 0.3)

        store.is_down = False
        await fifth

        assert await all_sent(store, claimed[:4])


async def test_whoever_waits_for_a_permit_stops_with_the_service(outcomes):
    closing = asyncio.Event()
    for _ in range(4):
        await outcomes.permits.take(closing)
    fifth = asyncio.create_task(outcomes.permits.take(closing))

    closing.set()

    with pytest.raises(AbandonedError):
        await asyncio.wait_for(fifth, DEADLINE_SECONDS)


async def test_what_is_recorded_last_is_stored_before_the_end(outcomes, store, claimed):
    async with storing(outcomes):
        for each in claimed:
            outcomes.record(each, SENT)

    assert await all_sent(store, claimed)


async def test_a_write_ends_when_it_is_stored(outcomes, store, claimed):
    async with storing(outcomes):
        await outcomes.write([(each, SENT) for each in claimed])

        assert await all_sent(store, claimed)


async def test_the_end_does_not_wait_for_a_database_that_is_down(outcomes, store, claimed):
    store.is_down = True
    async with storing(outcomes):
        outcomes.record(claimed[0], SENT)
        writing = asyncio.create_task(outcomes.write([(claimed[1], SENT)]))
        await asyncio.sleep(0)  # it has begun

    with pytest.raises(AbandonedError):
        await asyncio.wait_for(writing, DEADLINE_SECONDS)
