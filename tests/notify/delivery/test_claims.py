"""Who may send what: claims that are renewed by the living and lapse with the dead."""

import asyncio

import pytest

from services.notify.delivery.claims import Claims
from services.notify.model import Sent
from services.notify.store.documents import OutcomeUpdate
from services.notify.store.notifications import MongoNotifications
from shared.clock import utc_now
from shared.errors import TransientError
from tests.factories import NOW, a_notification
from tests.waiting import eventually_async

CLAIM_SECONDS = 3.0  # a busy machine renews late
SENT = Sent("<1@cppp.example>", "en", NOW)


class Outage(MongoNotifications):
    """Notifications in a database that cannot be reached."""

    async def renew(self, _ids, _until):
        raise TransientError


@pytest.fixture
def store(database):
    return MongoNotifications(database["notifications"], "this")


@pytest.fixture
def others(database):
    return Claims(MongoNotifications(database["notifications"], "other"), 0.3, utc_now)


async def kept(store, number=1):
    notifications = [a_notification() for _ in range(number)]
    await store.keep(notifications, utc_now())
    return notifications


async def test_what_is_claimed_may_be_begun_until_the_claim_runs_out(store, others):
    [notification] = await kept(store)
    claims = Claims(store, 0.3, utc_now)

    assert await claims.claim(10) == [notification]

    assert claims.may_begin(notification.id)
    await eventually_async(lambda: not claims.may_begin(notification.id))
    assert await others.claim(10) == [], "it stops well before others may begin"


async def test_what_nobody_renews_is_soon_anothers(store, others):
    [notification] = await kept(store)
    await Claims(store, 0.3, utc_now).claim(10)

    assert await eventually_async(lambda: others.claim(10)) == [notification]


async def test_what_is_renewed_stays_in_hand_however_long_it_takes(store, others):
    [notification] = await kept(store)
    claims, stopping = Claims(store, CLAIM_SECONDS, utc_now), asyncio.Event()
    await claims.claim(10)
    renewing = asyncio.create_task(claims.keep_renewing(stopping))
    began = asyncio.get_running_loop().time()

    await eventually_async(lambda: asyncio.get_running_loop().time() > began + 1.2 * CLAIM_SECONDS)

    assert await others.claim(10) == []
    await eventually_async(lambda: claims.may_begin(notification.id))
    stopping.set()
    await renewing


async def test_what_another_took_over_is_let_go(store, others):
    [notification] = await kept(store)
    claims = Claims(store, 0.3, utc_now)
    await claims.claim(10)
    await eventually_async(lambda: others.claim(10))

    await claims.renew()

    assert not claims.may_begin(notification.id)


async def test_what_is_in_hand_is_not_given_out_again_when_its_claim_has_lapsed(store):
    [notification] = await kept(store)
    claims = Claims(store, 0.2, utc_now)
    await claims.claim(10)
    await eventually_async(lambda: not claims.may_begin(notification.id))

    taken = await eventually_async(lambda: taken_again(claims, notification))

    assert taken == "in hand, and claimed again"


async def taken_again(claims, notification):
    given_out = await claims.claim(10)
    assert given_out == []
    return "in hand, and claimed again" if claims.may_begin(notification.id) else ""


async def test_what_is_settled_is_renewed_no_more(store):
    [notification] = await kept(store)
    claims = Claims(store, 0.3, utc_now)
    await claims.claim(10)
    await store.store_outcomes([OutcomeUpdate(notification.id, SENT)], NOW)

    claims.drop([notification.id])
    await claims.renew()

    [status] = await store.of(notification.application_id)
    assert status.state == "sent"


async def test_what_is_given_back_is_anothers_at_once(store, others):
    notifications = await kept(store, 3)
    claims = Claims(store, 30, utc_now)
    await claims.claim(10)

    await claims.release([each.id for each in notifications])

    assert len(await others.claim(10)) == 3


async def test_during_an_outage_nothing_more_is_begun_once_the_claim_is_in_doubt(database):
    store = Outage(database["notifications"], "this")
    [notification] = await kept(store)
    claims, stopping = Claims(store, 0.3, utc_now), asyncio.Event()
    await claims.claim(10)
    renewing = asyncio.create_task(claims.keep_renewing(stopping))

    await eventually_async(lambda: not claims.may_begin(notification.id))

    stopping.set()
    await renewing
