"""What is given out to be sent, at the moments when contacts come and go."""

import asyncio
from datetime import timedelta

import pytest

from services.notify.delivery.claims import Claims
from services.notify.delivery.limits import SendLimits
from services.notify.delivery.outcomes import OutcomeWriter, Recording
from services.notify.delivery.preparation import Preparation
from services.notify.delivery.queue import JobQueue, PollSettings
from services.notify.delivery.recipients import RecipientResolver, ResolverSettings
from services.notify.mails.message import Composer
from services.notify.mails.rendering import Enquiries, Renderer
from services.notify.rules import Allowance, RetrySchedule
from services.notify.store.contacts import MongoContacts
from services.notify.store.daily_counts import MongoDailyCounts
from services.notify.store.lifecycles import MongoLifecycles
from services.notify.store.notifications import MongoNotifications
from services.notify.store.stores import Stores
from services.notify.store.suppressions import MongoSuppressions
from shared.clock import utc_now
from shared.errors import AbandonedError
from shared.metrics import Metrics
from shared.outbox.relay import Outbox
from shared.outbox.store import MongoOutbox
from tests.factories import a_notification, a_registration, an_erasure
from tests.notify.conftest import A_YEAR_SECONDS
from tests.waiting import DEADLINE_SECONDS, eventually_async


class NotedComposer(Composer):
    """Notes whose mails it composes."""

    def __init__(self):
        super().__init__(Renderer(Enquiries("e@cppp.example")), "no@cppp.example", "e@cppp.example")
        self.composed = []

    def compose(self, notification, recipient):
        self.composed.append(notification.id)
        return super().compose(notification, recipient)


COMPOSER = NotedComposer()


class LateContacts(MongoContacts):
    """Contacts of which one arrives just after it was looked for in vain; looks are counted."""

    late = ()
    looks = 0

    async def find(self, application_ids):
        self.looks += 1
        return await super().find(application_ids)

    async def erased(self, application_ids):
        await self.register(self.late)
        return await super().erased(application_ids)


@pytest.fixture
def stores(database):
    return Stores(
        MongoNotifications(database["notifications"], "this"),
        LateContacts(database["contacts"], database["erasures"]),
        MongoLifecycles(database["standings"]),
        MongoSuppressions(database["suppressions"], "secret"),
    )


@pytest.fixture
async def queue(stores, database):
    outbox = Outbox(MongoOutbox(database["notifications"]), Metrics("notify"), utc_now)
    claims = Claims(stores.notifications, 6, utc_now)
    outcomes = OutcomeWriter(stores, claims, outbox, utc_now, Recording())
    settings = ResolverSettings(too_old_seconds=A_YEAR_SECONDS)
    limits = SendLimits(MongoDailyCounts(database["days"]), Allowance(), utc_now)
    resolver = RecipientResolver(stores, settings, utc_now)
    preparation = Preparation(resolver, COMPOSER, RetrySchedule(), utc_now)
    queue = JobQueue(claims, preparation, limits, outcomes, PollSettings(poll_seconds=0.05))
    stopped = asyncio.Event()
    running = [asyncio.create_task(each) for each in (queue.fill(stopped), outcomes.run(stopped))]
    yield queue
    stopped.set()
    outcomes.stop()
    await asyncio.gather(*running)


async def test_a_contact_that_arrives_while_its_lack_is_noted_is_not_missed(queue, stores):
    notification = a_notification()
    stores.contacts.late = [a_registration(notification)]
    await stores.notifications.keep([notification], utc_now())

    job = await asyncio.wait_for(queue.next(asyncio.Event()), DEADLINE_SECONDS)

    assert job.notification.id == notification.id


async def test_jobs_come_in_the_order_in_which_they_became_due(queue, stores):
    notifications = [a_notification() for _ in range(5)]
    await stores.contacts.register([a_registration(each) for each in notifications])
    began = utc_now()
    for number, each in enumerate(notifications):
        await stores.notifications.keep([each], began - timedelta(seconds=10 - number))

    jobs = [await queue.next(asyncio.Event()) for _ in notifications]

    assert [each.notification for each in jobs] == notifications


async def test_what_has_waited_is_looked_up_again_and_all_of_it_together(queue, stores):
    notifications = [a_notification() for _ in range(6)]
    await stores.contacts.register([a_registration(each) for each in notifications])
    await stores.notifications.keep(notifications, utc_now())
    first = await queue.next(asyncio.Event())
    *others, moved, erased = [each for each in notifications if each != first.notification]
    await stores.contacts.erase([an_erasure(erased)])
    await stores.contacts.register([a_registration(moved, version=2, email="new@example.com")])
    COMPOSER.composed.clear()
    clock = asyncio.get_running_loop().time
    await eventually_async(lambda: clock() - first.resolved_at > 1)
    looks = stores.contacts.looks

    given_out = [await queue.next(asyncio.Event()) for _ in (*others, moved)]

    sent = {each.notification.id: each.mail.recipient for each in given_out}
    assert sent.keys() == {each.id for each in (*others, moved)}
    assert stores.contacts.looks == looks + 1
    assert sent[moved.id] == "new@example.com"
    assert COMPOSER.composed == [moved.id], "only what has changed is composed again"
    [status] = await stores.notifications.of(erased.application_id)
    assert status.state == "erased"


async def test_when_closing_nothing_more_is_given_out_and_the_rest_goes_back(queue, stores):
    notifications = [a_notification() for _ in range(3)]
    await stores.contacts.register([a_registration(each) for each in notifications])
    await stores.notifications.keep(notifications, utc_now())
    closing = asyncio.Event()
    await queue.next(closing)

    closing.set()

    with pytest.raises(AbandonedError):
        await queue.next(closing)
    await queue.close()
    assert (await stores.notifications.waiting())["due"] == 2
