"""What is given out to be sent, at the moments when contacts come and go."""

import asyncio
from datetime import timedelta

import pytest

from services.notify.claims import Claims
from services.notify.contacts import MongoContacts
from services.notify.feed import Feed, Pace
from services.notify.limits import Allowance, Limits, MongoDailyCounts
from services.notify.notes import Notes
from services.notify.screening import Patience, Screening
from services.notify.standings import MongoStandings
from services.notify.store import MongoNotifications
from services.notify.stores import Stores
from services.notify.suppressing import MongoSuppressions
from shared.clock import utc_now
from shared.errors import AbandonedError
from shared.metrics import Metrics
from shared.outbox import MongoOutbox, Outbox
from tests.notify.conftest import A_YEAR_SECONDS
from tests.notify.notices import a_notification, a_registration


class LateContacts(MongoContacts):
    """Contacts of which one arrives just after it was looked for in vain."""

    late = ()

    async def erased(self, application_ids):
        await self.register(self.late)
        return await super().erased(application_ids)


@pytest.fixture
def stores(database):
    return Stores(
        MongoNotifications(database["notifications"], "this"),
        LateContacts(database["contacts"], database["erasures"]),
        MongoStandings(database["standings"]),
        MongoSuppressions(database["suppressions"], "secret"),
    )


@pytest.fixture
def feed(stores, database):
    outbox = Outbox(MongoOutbox(database["notifications"]), Metrics("notify"), utc_now)
    claims = Claims(stores.notifications, 6, utc_now)
    notes = Notes(stores.notifications, claims, outbox, utc_now)
    patience = Patience(too_old_seconds=A_YEAR_SECONDS)
    limits = Limits(MongoDailyCounts(database["days"]), Allowance(), utc_now)
    screening = Screening(stores, patience, utc_now)
    return Feed(claims, screening, limits, notes, Pace(poll_seconds=0.05))


async def test_a_contact_that_arrives_while_its_lack_is_noted_is_not_missed(feed, stores):
    notification = a_notification()
    stores.contacts.late = [a_registration(notification)]
    await stores.notifications.keep([notification], utc_now())

    job = await asyncio.wait_for(feed.next(asyncio.Event()), 5)

    assert job.notification.id == notification.id


async def test_jobs_come_in_the_order_in_which_they_became_due(feed, stores):
    notifications = [a_notification() for _ in range(5)]
    await stores.contacts.register([a_registration(each) for each in notifications])
    began = utc_now()
    for number, each in enumerate(notifications):
        await stores.notifications.keep([each], began - timedelta(seconds=10 - number))

    jobs = [await feed.next(asyncio.Event()) for _ in notifications]

    assert [each.notification for each in jobs] == notifications


async def test_when_closing_nothing_more_is_given_out_and_the_rest_goes_back(feed, stores):
    notifications = [a_notification() for _ in range(3)]
    await stores.contacts.register([a_registration(each) for each in notifications])
    await stores.notifications.keep(notifications, utc_now())
    closing = asyncio.Event()
    await feed.next(closing)

    closing.set()

    with pytest.raises(AbandonedError):
        await feed.next(closing)
    await feed.close()
    assert (await stores.notifications.waiting())["due"] == 2
