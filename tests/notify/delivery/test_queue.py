"""What is given out to be sent, at the moments when contacts come and go."""

import asyncio
from datetime import timedelta

import pytest

from services.notify.delivery.arrivals import Arrivals
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
from tests.waiting import eventually_async


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


class CountedClaims(Claims):
    """Counts queries, and what is claimed by them."""

    claimed = queries = 0

    async def claim(self, limit):
        found = await super().claim(limit)
        self.claimed += len(found)
        self.queries += 1
        return found


@pytest.fixture
def claims(stores):
    return CountedClaims(stores.notifications, 6, utc_now)


@pytest.fixture
def allowance():
    return Allowance()


@pytest.fixture
async def queue(stores, database, claims, allowance):
    outbox = Outbox(MongoOutbox(database["notifications"]), Metrics("notify"), utc_now)
    outcomes = OutcomeWriter(stores, claims, outbox, utc_now, Recording())
    settings = ResolverSettings(too_old_seconds=A_YEAR_SECONDS)
    limits = SendLimits(MongoDailyCounts(database["days"]), allowance, utc_now)
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

    job = await asyncio.wait_for(queue.next(asyncio.Event()), 5)

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


async def inserted(queue, notifications):
    """Insert until the queue, which asks for older ones first, takes them; return the others."""
    others = notifications

    async def some():
        nonlocal others
        others = await queue.insert(others)
        return len(others) < len(notifications)

    await eventually_async(some)
    return others


async def test_a_new_notification_is_given_out_without_a_query_for_it(
    queue, stores, claims, database
):
    notification = a_notification()
    await stores.contacts.register([a_registration(notification)])

    assert not await inserted(queue, [notification])
    job = await asyncio.wait_for(queue.next(asyncio.Event()), 5)

    assert job.notification == notification
    assert claims.claimed == 0
    other = MongoNotifications(database["notifications"], "other")
    now = utc_now()
    assert not await other.claim(now, now, 1), "this process has claimed it"
    after_a_crash = now + timedelta(seconds=7)
    assert await other.claim(after_a_crash, after_a_crash, 1) == [notification]


async def test_a_repeated_notification_is_not_given_out_again(queue, stores):
    notifications = [a_notification() for _ in range(2)]
    await stores.contacts.register([a_registration(each) for each in notifications])
    await inserted(queue, notifications[:1])
    first = await queue.next(asyncio.Event())

    assert not await inserted(queue, notifications)
    second = await queue.next(asyncio.Event())

    assert [each.notification for each in (first, second)] == notifications
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(queue.next(asyncio.Event()), 0.3)


async def test_a_queue_that_is_full_leaves_the_rest_to_be_claimed_by_anybody(queue):
    notifications = [a_notification() for _ in range(510)]

    others = await inserted(queue, notifications)

    assert [each.id for each in others] == [each.id for each in notifications[500:]]


@pytest.mark.parametrize("allowance", [Allowance(per_day=9), Allowance(per_second=9)])
async def test_where_mails_are_limited_the_longest_due_goes_first(queue, claims):
    notification = a_notification()
    await eventually_async(lambda: claims.queries)

    assert await queue.insert([notification]) == [notification]


async def test_what_arrives_while_the_service_stops_is_due_for_others(stores, claims):
    arrivals, notification = Arrivals(claims, 10), a_notification()
    arrivals.has_backlog = False
    with arrivals.wanted():
        inserting = asyncio.create_task(arrivals.insert([notification], 0))
        await asyncio.sleep(0)

    assert not await inserting

    assert (await stores.notifications.waiting())["due"] == 1
    assert await arrivals.insert([notification], 0) == [notification]


async def test_arrivals_that_were_not_prepared_go_back_when_the_queue_closes(queue, stores):
    notifications = [a_notification() for _ in range(40)]
    await stores.contacts.register([a_registration(each) for each in notifications])
    await inserted(queue, notifications)
    await queue.next(asyncio.Event())
    assert not await inserted(queue, [a_notification()])

    await queue.close()

    assert (await stores.notifications.waiting())["due"] == 40
