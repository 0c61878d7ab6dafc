"""Facts of the past: a service that begins with all of them mails none."""

from datetime import timedelta

import orjson
import pytest
from prometheus_client import generate_latest

from services.notify.delivery.recipients import NO_CONTACT
from services.notify.rules import TOO_OLD, is_too_old
from services.notify.settings import NotifySettings
from shared.clock import utc_now
from tests.factories import A_MINUTE, a_notification, a_registration
from tests.notify.conftest import sending
from tests.notify.states import all_in, statuses, with_contacts
from tests.waiting import eventually_async

A_WEEK = timedelta(days=7)
DEFAULT = NotifySettings().too_old_seconds


def dated(at):
    return a_notification(occurred_at=at)


@pytest.mark.parametrize(
    ("age", "too_old"),
    [
        (timedelta(0), False),
        (A_WEEK, False),
        (A_WEEK + timedelta(milliseconds=1), True),
        (timedelta(days=4000), True),
        (-A_MINUTE, False),  # another clock is ahead
    ],
)
def test_a_fact_is_mailed_for_a_week_after_it(age, too_old):
    now = utc_now()

    assert is_too_old(dated(now - age), now, DEFAULT) == too_old


async def test_an_older_fact_is_kept_and_told_as_settled_but_not_mailed(parts, mail_server):
    instance = parts(too_old_seconds=DEFAULT)
    old, recent = dated(utc_now() - A_WEEK - A_MINUTE), dated(utc_now() - A_WEEK + A_MINUTE)
    async with sending(instance):
        for _ in range(2):  # a repeat changes nothing
            await instance.handler.keep(with_contacts([old, recent]))
        await eventually_async(lambda: all_in("sent", instance, recent))

    [status] = await statuses(instance, old)
    assert (status.state, status.reason) == ("too-old", TOO_OLD)
    assert len(mail_server.taken) == 1
    unpublished = {
        each.id: orjson.loads(each.events[0].value)
        for each in await instance.outbox.store.due(utc_now() + A_MINUTE, 10)
    }
    assert unpublished[old.id]["reason"] == TOO_OLD
    assert sum((await instance.stores.notifications.waiting()).values()) == 0


async def test_what_was_mailed_before_stays_mailed_when_it_is_read_again_much_later(
    parts, mail_server
):
    ahead = timedelta(0)
    instance = parts(now=lambda: utc_now() + ahead, too_old_seconds=DEFAULT)
    notification = dated(utc_now())
    async with sending(instance):
        await instance.handler.keep(with_contacts([notification]))
        await eventually_async(lambda: all_in("sent", instance, notification))
        ahead = timedelta(days=30)

        await instance.handler.keep(with_contacts([notification]))

        assert await all_in("sent", instance, notification)
    assert len(mail_server.taken) == 1


async def test_a_message_whose_contact_never_comes_is_given_up_when_its_fact_is_too_old(parts):
    ahead = timedelta(0)
    instance = parts(
        now=lambda: utc_now() + ahead, too_old_seconds=DEFAULT, contact_check_seconds=0.1
    )
    notification = dated(utc_now())
    async with sending(instance):
        await instance.handler.keep([notification])
        await eventually_async(lambda: all_in("waiting-for-contact", instance, notification))
        ahead = A_WEEK + A_MINUTE
        await eventually_async(lambda: all_in("permanent-failure", instance, notification))

        await instance.handler.keep([a_registration(notification)])

    [status] = await statuses(instance, notification)
    assert (status.state, status.reason) == ("permanent-failure", NO_CONTACT)


async def test_ends_without_a_mail_are_counted_once_each(parts):
    instance = parts(too_old_seconds=DEFAULT)
    old = [dated(utc_now() - 2 * A_WEEK) for _ in range(3)]

    await instance.handler.keep(old)
    await instance.handler.keep(old)

    text = generate_latest(instance.metrics.registry).decode()
    assert 'cppp_notifications_ended_total{service="notify",state="too-old"} 3.0' in text
    assert 'cppp_notifications_ended_total{service="notify",state="sent"} 0.0' in text
