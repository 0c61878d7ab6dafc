"""The events published to other services, also after a crash or an outage."""

import asyncio
from contextlib import asynccontextmanager

import orjson

from services.notify.events import events_of
from services.notify.model import AwaitingContact, Deferred, Failed, Sent
from shared.errors import TransientError
from tests.factories import NOW, a_notification, a_registration
from tests.notify.conftest import sending
from tests.waiting import eventually_async

SENT = Sent("<1@cppp.example>", "zh-Hant", NOW)


class Published:
    """A topic that can be down."""

    def __init__(self) -> None:
        self.events = []
        self.down = False

    async def publish(self, events) -> None:
        if self.down:
            raise TransientError
        self.events += events


@asynccontextmanager
async def announcing(parts, published):
    closing = asyncio.Event()
    running = asyncio.create_task(parts.outbox.run(published, closing))
    try:
        yield
    finally:
        closing.set()
        await running


def test_a_sent_message_is_announced_with_the_same_bytes_every_time():
    notification = a_notification(traceparent="00-trace")

    [event] = events_of(notification, SENT)
    [again] = events_of(notification, SENT)

    headers = dict(event.headers)
    assert event == again
    assert (event.topic, event.key) == (
        "notify.notifications.v1",
        notification.application_id.encode(),
    )
    assert headers["ce_type"] == b"NotificationSent"
    assert headers["traceparent"] == b"00-trace"
    assert orjson.loads(event.value) == {
        "application_id": notification.application_id,
        "notification_id": notification.id,
        "template": "eligible",
        "language": "zh-Hant",
        "message_id": "<1@cppp.example>",
        "sent_at": "2026-11-02T01:30:00Z",
    }


def test_a_failed_message_is_announced_with_a_code_and_nothing_of_the_servers_words():
    notification = a_notification()

    [event] = events_of(notification, Failed("smtp-550", NOW))

    assert dict(event.headers)["ce_type"] == b"NotificationFailed"
    assert orjson.loads(event.value)["reason"] == "smtp-550"


def test_an_attempt_to_come_is_not_announced():
    deferred = Deferred("smtp-450", 1, NOW, NOW)

    assert events_of(a_notification(), deferred) == []
    assert events_of(a_notification(), AwaitingContact(NOW)) == []


async def test_every_end_is_announced_once_and_nobodys_address(parts, mail_server):
    instance, published = parts(connections=1), Published()
    refused, taken = a_notification(), a_notification()
    mail_server.answers["RCPT"].append("550 no")
    async with announcing(instance, published), sending(instance):
        await instance.handler.keep([refused, a_registration(refused)])
        await eventually_async(lambda: len(published.events) == 1)
        await instance.handler.keep([taken, a_registration(taken)])
        await eventually_async(lambda: len(published.events) == 2)

    kinds = [dict(each.headers)["ce_type"] for each in published.events]
    assert kinds == [b"NotificationFailed", b"NotificationSent"]
    assert b"chan" not in b"".join(each.value for each in published.events).lower()


async def test_an_outage_of_kafka_stops_no_mail_and_is_made_up_for(parts, mail_server):
    instance, published = parts(), Published()
    published.down = True
    notification = a_notification()
    async with announcing(instance, published), sending(instance):
        await instance.handler.keep([notification, a_registration(notification)])
        await eventually_async(lambda: mail_server.taken)
        await eventually_async(lambda: is_failing(instance))
        published.down = False
        await eventually_async(lambda: published.events)

    assert len(published.events) == 1


async def is_failing(parts):
    return not await parts.outbox.is_publishing()


async def test_what_a_crash_left_unannounced_is_announced_by_the_next_instance(parts, mail_server):
    crashed, successor, published = parts(), parts(), Published()
    notification = a_notification()
    async with sending(crashed):  # whose outbox never runs
        await crashed.handler.keep([notification, a_registration(notification)])
        await eventually_async(lambda: mail_server.taken)

    async with announcing(successor, published):
        await eventually_async(lambda: published.events)

    [event] = published.events
    assert orjson.loads(event.value)["notification_id"] == notification.id
