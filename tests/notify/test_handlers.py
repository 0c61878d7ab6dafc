"""From a record to what is kept."""

import asyncio

import pytest
from pydantic import ValidationError

from services.notify.handlers import (
    NotificationHandler,
    build_handler,
    erasure,
    newest_registrations,
    propose,
)
from services.notify.model import Erasure, Notification, Registration
from services.notify.store.contacts import MongoContacts
from services.notify.store.lifecycles import MongoLifecycles
from services.notify.store.notifications import MongoNotifications
from services.notify.store.stores import Stores
from services.notify.store.suppressions import MongoSuppressions
from shared.clock import milliseconds
from shared.consumer.handling import Retry
from shared.events.intake import CONTACTS
from tests.factories import (
    A_MINUTE,
    NOW,
    a_contact_event,
    a_notification,
    a_record,
    a_registration,
    a_submission,
    an_erasure,
    an_event,
    raw_record,
)
from tests.in_memory import InMemoryPublisher, a_batch_handler

ID = "00000000-0000-0000-0000-000000000001"


@pytest.fixture
async def kept(database):
    notifications = MongoNotifications(database["notifications"], "this")
    contacts = MongoContacts(database["contacts"], database["erasures"])
    return notifications, contacts


@pytest.fixture
def woken():
    return []


@pytest.fixture
def handler(kept, woken, database):
    suppressions = MongoSuppressions(database["suppressions"], "")
    stores = Stores(*kept, MongoLifecycles(database["standings"]), suppressions)
    return NotificationHandler(stores, lambda: NOW, lambda: woken.append(True), 60)


def test_the_telephone_number_is_not_kept_because_no_message_needs_it():
    event = a_contact_event(ID, telephone="+852 2345 6789", language="zh-Hant")

    proposal = propose(an_event(event))

    assert isinstance(proposal, Registration)
    assert (proposal.recipient.email, proposal.recipient.language) == (
        "chan@example.com",
        "zh-Hant",
    )
    assert "2345" not in str(proposal.recipient.name)


def test_the_events_time_becomes_the_messages_date_to_the_millisecond():
    proposal = propose(an_event(a_submission(), time=NOW, traceparent="00-trace"))

    assert isinstance(proposal, Notification)
    assert (proposal.occurred_at, proposal.traceparent) == (NOW, "00-trace")


def test_a_tombstone_erases_the_application_of_its_key():
    assert erasure(ID.encode(), milliseconds(NOW)) == Erasure(ID, NOW)


@pytest.mark.parametrize("key", [b"", b"no-id", b"\xff\xfe", b'{"$gt": ""}'])
def test_a_tombstone_on_a_key_that_is_no_application_is_refused(key):
    with pytest.raises(ValidationError):
        erasure(key, 0)


async def dead_letters_of(handler, *records):
    """Handle records as the service does; return those that it could not handle."""
    batch_handler = a_batch_handler(build_handler(handler), InMemoryPublisher(), "notify")
    batch = await batch_handler.handle(records, Retry(asyncio.Event()))
    return batch.dead_letters


async def test_only_a_tombstone_among_contacts_erases(handler, kept):
    _, contacts = kept

    letters = await dead_letters_of(
        handler,
        raw_record(None, topic=CONTACTS.name, key=ID.encode()),
        raw_record(None, key=ID.encode()),
        raw_record(None, topic=CONTACTS.name, key=b"nonsense"),
    )

    assert await contacts.erased([ID]) == {ID}
    assert [each.reason for each in letters] == ["malformed", "invalid"]


async def test_a_malformed_contact_is_a_dead_letter_that_shows_nothing_of_the_person(handler):
    good = a_record(a_contact_event(ID), topic=CONTACTS.name)
    value = good.value.replace(b"chan@example.com", b"secret person")

    [letter] = await dead_letters_of(handler, raw_record(value, good.headers, topic=CONTACTS.name))

    assert "contact.email" in letter.error
    assert "secret" not in letter.error


async def test_a_type_that_is_not_known_is_skipped(handler):
    record = raw_record(b"{}", [("ce_type", b"SomethingNew")], topic=CONTACTS.name)

    assert await dead_letters_of(handler, record) == []


async def test_of_several_changes_to_a_contact_in_one_batch_the_last_counts(handler, kept):
    _, contacts = kept
    first, other = a_notification(), a_notification()

    await handler.keep(
        [
            a_registration(first),
            an_erasure(first),
            an_erasure(other),
            a_registration(other, 2, at=NOW + A_MINUTE),
        ]
    )

    ids = [first.application_id, other.application_id]
    assert list(await contacts.find(ids)) == [other.application_id]
    assert await contacts.erased(ids) == set(ids)


def test_of_several_registrations_the_newest_version_counts_whatever_the_order():
    notification = a_notification()
    newer, older = a_registration(notification, 2), a_registration(notification, 1)

    assert newest_registrations([newer, older]) == [newer]


async def test_a_batch_is_kept_with_its_contacts_and_wakes_the_sending(handler, kept, woken):
    notifications, contacts = kept
    notification = a_notification()

    await handler.keep([notification, a_registration(notification)])

    assert await notifications.claim(NOW, NOW + A_MINUTE, 10) == [notification]
    assert list(await contacts.find([notification.application_id])) == [notification.application_id]
    assert woken == [True]


async def test_keeping_a_batch_again_changes_nothing(handler, kept):
    notifications, _ = kept
    batch = [a_notification(), a_notification()]
    await handler.keep(batch)
    await notifications.claim(NOW, NOW + A_MINUTE, 10)

    await handler.keep(batch)

    assert (await notifications.waiting())["sending"] == 2


async def test_an_erasure_forgets_the_person_and_marks_only_the_application(
    handler, kept, database
):
    _, contacts = kept
    notification = a_notification()
    await handler.keep([a_registration(notification)])

    await handler.keep([an_erasure(notification)])

    ids = [notification.application_id]
    assert await contacts.find(ids) == {}
    assert await contacts.erased(ids) == set(ids)
    [mark] = await database["erasures"].find({}).to_list(9)
    assert mark == {"_id": notification.application_id, "erased_at": NOW}
