"""What is not sent any more: after a withdrawal nothing, after an amendment no older decision."""

import asyncio
from itertools import permutations
from uuid import uuid4

import orjson
import pytest

from services.notify.rules import SUPERSEDED, WITHDRAWN, notification_about
from shared.clock import utc_now
from tests.factories import (
    A_MINUTE,
    NOW,
    a_registration,
    a_submission,
    amended,
    an_erasure,
    eligibility_decided,
    label_awarded,
    withdrawn,
)
from tests.notify.conftest import sending
from tests.notify.mail_server import subject_of
from tests.waiting import eventually_async


class Case:
    """All notifications about one application."""

    def __init__(self) -> None:
        self.id = str(uuid4())
        self.received = self.notification_of(a_submission(application_id=self.id))
        self.decided = self.notification_of(eligibility_decided(application_id=self.id))
        self.amended = self.notification_of(amended(self.id))
        self.decided_anew = self.notification_of(
            eligibility_decided(application_id=self.id, version=2)
        )
        self.awarded = self.notification_of(label_awarded(self.id))
        self.withdrawn = self.notification_of(withdrawn(self.id, 3))
        self.contact = a_registration(self.received)

    def notification_of(self, fact):
        return notification_about(fact, NOW)


@pytest.fixture
def case():
    return Case()


async def states(parts, case):
    return {each.template: each.state for each in await parts.stores.notifications.of(case.id)}


async def reasons(parts, case):
    return {each.template: each.reason for each in await parts.stores.notifications.of(case.id)}


async def are(expected, parts, case):
    return await states(parts, case) == expected


def templates(mail_server):
    return [subject_of(mail) for mail in mail_server.mails]


ORDERS = list(permutations(["received", "decided", "withdrawn", "contact"]))


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
async def test_whatever_came_first_only_the_withdrawal_is_sent(parts, mail_server, case, order):
    instance = parts()
    for name in order:
        await instance.handler.keep([getattr(case, name)])

    async with sending(instance):
        ended = {"received": "stopped", "eligible": "stopped", "withdrawn": "sent"}
        await eventually_async(lambda: are(ended, instance, case))

    assert templates(mail_server) == ["Your application has been withdrawn"]
    assert (await reasons(instance, case))["eligible"] == WITHDRAWN


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
async def test_in_one_batch_too_only_the_withdrawal_is_sent(parts, mail_server, case, order):
    instance = parts()
    async with sending(instance):
        await instance.handler.keep([getattr(case, name) for name in order])
        ended = {"received": "stopped", "eligible": "stopped", "withdrawn": "sent"}
        await eventually_async(lambda: are(ended, instance, case))

    assert templates(mail_server) == ["Your application has been withdrawn"]


async def test_what_was_sent_before_stays_sent_and_what_follows_is_stopped(parts, case):
    instance = parts()
    async with sending(instance):
        await instance.handler.keep([case.contact, case.received])
        await eventually_async(lambda: are({"received": "sent"}, instance, case))
        await instance.handler.keep([case.withdrawn])
        await instance.handler.keep([case.decided, case.awarded])
        ended = {
            "received": "sent",
            "withdrawn": "sent",
            "eligible": "stopped",
            "label-awarded": "stopped",
        }
        await eventually_async(lambda: are(ended, instance, case))


async def test_a_withdrawal_ends_at_once_what_waits_for_a_contact(parts, case):
    instance = parts(poll_seconds=10)
    async with sending(instance):
        await instance.handler.keep([case.decided])
        await eventually_async(lambda: are({"eligible": "waiting-for-contact"}, instance, case))

        await instance.handler.keep([case.withdrawn])

        ended = {"eligible": "stopped", "withdrawn": "waiting-for-contact"}
        await eventually_async(lambda: are(ended, instance, case))


async def test_a_withdrawal_ends_at_once_what_was_to_be_tried_again(parts, mail_server, case):
    instance = parts(poll_seconds=10, first_retry_seconds=3600)
    mail_server.answers["RCPT"].append("450 later")
    async with sending(instance):
        await instance.handler.keep([case.contact, case.decided])
        await eventually_async(lambda: are({"eligible": "temporary-failure"}, instance, case))

        await instance.handler.keep([case.withdrawn])

        await eventually_async(
            lambda: are({"eligible": "stopped", "withdrawn": "sent"}, instance, case)
        )


async def test_what_is_in_hand_while_the_mail_server_is_down_is_stopped_too(
    parts, mail_server, case
):
    instance, other = parts(connections=1), parts()
    mail_server.stop()
    await instance.handler.keep([case.contact, case.received, case.decided])
    async with sending(instance):
        await in_hand_for_more_than_a_moment(instance, case)

        await other.handler.keep([case.withdrawn])
        mail_server.start()

        ended = {"received": "stopped", "eligible": "stopped", "withdrawn": "sent"}
        await eventually_async(lambda: are(ended, instance, case))
    assert templates(mail_server) == ["Your application has been withdrawn"]


async def test_whoever_is_erased_during_an_outage_of_the_mail_server_gets_nothing(
    parts, mail_server, case
):
    instance = parts(connections=1)
    mail_server.stop()
    await instance.handler.keep([case.contact, case.received, case.decided])
    async with sending(instance):
        await in_hand_for_more_than_a_moment(instance, case)

        await instance.handler.keep([an_erasure(case.received)])
        mail_server.start()

        await eventually_async(
            lambda: are({"received": "erased", "eligible": "erased"}, instance, case)
        )
    assert mail_server.taken == []


async def in_hand_for_more_than_a_moment(instance, case):
    in_hand = {"received": "sending", "eligible": "sending"}
    await eventually_async(lambda: are(in_hand, instance, case))
    clock = asyncio.get_running_loop().time
    until = clock() + 1.2
    await eventually_async(lambda: clock() > until)


async def test_a_repeat_of_all_facts_sends_and_stops_nothing_again(parts, mail_server, case):
    instance = parts()
    facts = [case.contact, case.decided, case.withdrawn]
    ended = {"eligible": "stopped", "withdrawn": "sent"}
    async with sending(instance):
        await instance.handler.keep(facts)
        await eventually_async(lambda: are(ended, instance, case))
        await instance.handler.keep(facts)
        other = Case()
        await instance.handler.keep([other.contact, other.received])
        await eventually_async(lambda: are({"received": "sent"}, instance, other))

    assert await are(ended, instance, case)
    assert len(mail_server.taken) == 2


async def test_a_stopped_message_is_announced_as_one_that_will_never_be_sent(parts, case):
    instance = parts()
    await instance.handler.keep([case.contact, case.decided, case.withdrawn])
    async with sending(instance):
        await eventually_async(
            lambda: are({"eligible": "stopped", "withdrawn": "sent"}, instance, case)
        )

    unpublished = await instance.outbox.store.due(utc_now() + A_MINUTE, 10)
    events = {each.id: orjson.loads(each.events[0].value) for each in unpublished}
    assert events[case.decided.id]["reason"] == WITHDRAWN
    assert events[case.decided.id]["template"] == "eligible"


@pytest.mark.parametrize("order", list(permutations(["amended", "decided", "contact"])))
async def test_a_decision_on_an_older_version_is_not_sent_but_every_receipt_is(
    parts, mail_server, case, order
):
    instance = parts()
    for name in ("received", *order, "decided_anew"):
        await instance.handler.keep([getattr(case, name)])

    async with sending(instance):
        await eventually_async(lambda: all_ended(instance, case))

    found = {each.notification_id: each for each in await instance.stores.notifications.of(case.id)}
    stopped = found[case.decided.id]
    assert (stopped.state, stopped.reason) == ("stopped", SUPERSEDED)
    assert {found[each.id].state for each in (case.received, case.amended, case.decided_anew)} == {
        "sent"
    }
    assert len(mail_server.taken) == 3


async def test_a_label_is_told_also_after_an_amendment(parts, case):
    instance = parts()
    await instance.handler.keep([case.contact, case.amended])
    async with sending(instance):
        await instance.handler.keep([case.awarded])
        await eventually_async(
            lambda: are({"amended": "sent", "label-awarded": "sent"}, instance, case)
        )


async def all_ended(parts, case):
    found = await parts.stores.notifications.of(case.id)
    return all(each.state in {"sent", "stopped"} for each in found)
