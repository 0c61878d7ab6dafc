"""Outcomes are written together, and nobody goes on before his own is written."""

import asyncio

import pytest

from services.notify.delivery.claims import Claims
from services.notify.delivery.outcomes import OutcomeWriter
from services.notify.model import Sent
from services.notify.store.notifications import MongoNotifications
from shared.clock import utc_now
from shared.errors import AbandonedError, TransientError
from shared.metrics import Metrics
from shared.outbox.relay import Outbox
from shared.outbox.store import MongoOutbox
from tests.factories import NOW, a_notification


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
    return OutcomeWriter(store, Claims(store, 6, utc_now), outbox, utc_now)


async def send(outcomes, notification, answer=None):
    """Stand in for a connection: wait for the server's answer, then note it."""
    with outcomes.announce():
        await (answer.wait() if answer else asyncio.sleep(0))
    await outcomes.write([(notification, Sent("<1@x>", "en", NOW))], asyncio.Event())


async def state_of(store, notification):
    [status] = await store.of(notification.application_id)
    return status.state


async def test_what_comes_together_is_written_together(outcomes, store, claimed):
    await asyncio.gather(*(send(outcomes, each) for each in claimed))

    assert sum(store.together) == 8
    assert len(store.together) <= 2


async def test_what_comes_while_something_is_written_is_written_together_afterwards(
    outcomes, store, claimed
):
    async def go_on(notification):
        for _ in range(4):
            await outcomes.write([(notification, Sent("<1@x>", "en", NOW))], asyncio.Event())

    await asyncio.gather(*(go_on(each) for each in claimed))

    assert sum(store.together) == 4 * 8
    assert len(store.together) <= 4 * 2 + 1


async def test_nobody_takes_for_written_what_was_given_up(outcomes, store, claimed):
    store.is_down = True
    cancelled = asyncio.Event()
    noting = [
        asyncio.create_task(outcomes.write([(each, Sent("<1@x>", "en", NOW))], cancelled))
        for each in claimed
    ]
    await asyncio.sleep(0)  # all of them have begun

    cancelled.set()
    outcomes = await asyncio.gather(*noting, return_exceptions=True)

    assert {type(each) for each in outcomes} == {AbandonedError}


async def test_whoever_notes_goes_on_only_when_it_is_written(outcomes, store, claimed):
    async def check(notification):
        await send(outcomes, notification)
        assert await state_of(store, notification) == "sent"

    await asyncio.gather(*(check(each) for each in claimed))


async def test_nobody_waits_for_a_server_that_does_not_answer_another(outcomes, store, claimed):
    hanging, *others = claimed
    answer = asyncio.Event()
    waiting = asyncio.create_task(send(outcomes, hanging, answer))

    await asyncio.gather(*(send(outcomes, each) for each in others))

    assert {await state_of(store, each) for each in others} == {"sent"}
    assert await state_of(store, hanging) == "sending"
    answer.set()
    await waiting
    assert await state_of(store, hanging) == "sent"
