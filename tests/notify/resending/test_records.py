"""What operators find and order, through the driver of today and the one to move to."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from services.notify.model import Deferred, Resend, Sent
from services.notify.store.notifications import MongoNotifications
from services.notify.store.records import Criteria, MongoMailRecords, Total
from shared.references import reference_of
from tests.factories import A_MINUTE, NOW, a_notification
from tests.notify.resending.stored import ended, failed

SENT = Sent("<1@cppp.example>", "en", NOW)
ORDER = Resend("ada", NOW + A_MINUTE, "INC-42")


@pytest.fixture
def collection(any_database):
    return any_database["notifications"]


@pytest.fixture
def records(collection):
    return MongoMailRecords(collection)


async def the_last(records, notification):
    named = await records.named([notification.fact_id])
    return named[notification.fact_id][-1]


async def ids(records, limit=100, **criteria):
    return [each.notification.id for each in await records.find(Criteria(**criteria), limit)]


async def test_mails_are_found_by_each_criterion_and_counted_by_state_and_reason(
    records, collection
):
    sent, refused, full, waiting = (a_notification() for _ in range(4))
    received = a_notification("received")
    await ended(collection, sent, Deferred("smtp-451", 1, NOW, NOW), SENT)
    await ended(collection, refused, failed("content-refused", at=NOW + 3 * A_MINUTE))
    await ended(collection, full, failed("gave-up", at=NOW + 2 * A_MINUTE))
    await ended(collection, received, failed("gave-up", at=NOW + A_MINUTE))
    await ended(collection, waiting)

    assert await ids(records, states=("permanent-failure",)) == [refused.id, full.id, received.id]
    assert await ids(records, states=("permanent-failure",), since=NOW + 2 * A_MINUTE) == [
        refused.id,
        full.id,
    ]
    assert await ids(records, until=NOW + A_MINUTE, since=NOW) == sorted([sent.id, waiting.id])
    assert await ids(records, reason="gave-up", template="received") == [received.id]
    assert await ids(records, application=sent.application_id) == [sent.id]
    assert await ids(records, application=reference_of(sent.application_id)) == [sent.id]
    assert await ids(records, limit=1) == [refused.id]
    assert await records.totals(Criteria()) == [
        Total("due", None, 1),
        Total("permanent-failure", "content-refused", 1),
        Total("permanent-failure", "gave-up", 2),
        Total("sent", None, 1),
    ]


async def test_every_failed_attempt_is_recorded_with_its_time_and_the_servers_codes(
    records, collection
):
    notification = a_notification()
    deferred = Deferred("smtp-451", 1, NOW, NOW, "rcpt-451-4.3.0")
    await ended(collection, notification, deferred, failed(answer="end-554-5.6.0"))

    record = await the_last(records, notification)

    assert [(each.at, each.reason, each.answer) for each in record.failures] == [
        (NOW, "smtp-451", "rcpt-451-4.3.0"),
        (NOW, "content-refused", "end-554-5.6.0"),
    ]


async def test_a_resent_mail_is_due_at_once_and_its_attempts_count_anew(records, collection):
    notification = a_notification()
    await ended(collection, notification, Deferred("smtp-451", 3, NOW, NOW), failed())

    assert await records.resend([await the_last(records, notification)], ORDER) == frozenset()

    store = MongoNotifications(collection, "sender")
    [claimed] = await store.claim(ORDER.at, ORDER.at + A_MINUTE, 10)
    assert claimed == replace(notification, resend=1)
    assert claimed.id != notification.id
    assert claimed.fact_id == notification.fact_id


async def test_who_resent_it_and_when_and_why_is_recorded_beside_its_first_end(records, collection):
    notification = a_notification()
    await ended(collection, notification, failed("gave-up"))
    await records.resend([await the_last(records, notification)], ORDER)
    resent = replace(notification, resend=1)
    await ended(collection, resent, SENT)

    first, second = (await records.named([notification.fact_id]))[notification.fact_id]

    assert (first.state, first.reason, first.resend) == ("permanent-failure", "gave-up", None)
    assert (second.state, second.resend, second.notification) == ("sent", ORDER, resent)


async def test_two_orders_at_once_send_one_mail(records, collection):
    notifications = [a_notification() for _ in range(20)]
    for each in notifications:
        await ended(collection, each, failed())
    found = await records.find(Criteria(), 100)

    orders = await asyncio.gather(*(records.resend(found, ORDER) for _ in range(4)))

    assert sum(len(each) for each in orders) == 3 * 20
    store = MongoNotifications(collection, "sender")
    assert len(await store.claim(ORDER.at, ORDER.at + A_MINUTE, 100)) == 20


async def test_an_order_that_was_interrupted_before_its_mark_orders_nothing_twice(
    records, collection
):
    notification = a_notification()
    await ended(collection, notification, failed())
    first = await the_last(records, notification)
    await records.resend([first], ORDER)
    await collection.update_one({"_id": notification.id}, {"$unset": {"is_resent": ""}})

    assert await records.resend([first], ORDER) == {notification.fact_id}

    assert await ids(records) == [f"{notification.id}#1"]


async def test_only_the_last_of_its_mails_counts_as_the_status_of_a_notification(
    records, collection
):
    notification = a_notification()
    await ended(collection, notification, failed())
    await records.resend([await the_last(records, notification)], ORDER)
    store = MongoNotifications(collection, "sender")

    [status] = await store.of(notification.application_id)
    assert (status.notification_id, status.state) == (notification.id, "due")
    assert await records.totals(Criteria()) == [Total("due", None, 1)]

    await ended(collection, replace(notification, resend=1), failed("gave-up"))
    await records.resend([await the_last(records, notification)], ORDER)
    await ended(collection, replace(notification, resend=2), SENT)
    [status] = await store.of(notification.application_id)
    assert (status.notification_id, status.state) == (notification.id, "sent")


async def test_an_unknown_id_names_nothing(records, collection):
    known = a_notification()
    await ended(collection, known)

    assert list(await records.named([f"{known.id}:more", known.id, "nothing"])) == [known.id]


async def test_a_mail_that_is_read_again_from_its_topic_is_not_sent_again(records, collection):
    notification = a_notification()
    await ended(collection, notification, failed())
    await records.resend([await the_last(records, notification)], ORDER)
    await ended(collection, replace(notification, resend=1), SENT)

    store = MongoNotifications(collection, "sender")
    await store.keep([notification], NOW)

    assert await store.claim(NOW + timedelta(days=9), NOW, 10) == []
