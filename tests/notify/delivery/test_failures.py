"""Mail servers that refuse, hang, break off or are down, and instances that crash or stop."""

import asyncio
from datetime import timedelta

import pytest

from services.notify.delivery.preparation import NOT_RENDERED
from services.notify.smtp.time_limits import TimeLimits
from shared.clock import utc_now
from tests.factories import a_notification, a_registration
from tests.notify.conftest import crashing, sending
from tests.notify.mail_server import DROP, HANG, TAKE_AND_HANG
from tests.notify.states import all_in, statuses, with_contacts
from tests.waiting import eventually_async


async def test_a_permanent_refusal_ends_one_message_and_the_others_go_on(parts, mail_server):
    instance = parts(connections=1)
    refused, taken = a_notification(), a_notification()
    mail_server.answers["RCPT"].append("550 no such person")
    await instance.handler.keep(with_contacts([refused]))
    async with sending(instance):
        await eventually_async(lambda: all_in("permanent-failure", instance, refused))
        await instance.handler.keep(with_contacts([taken]))
        await eventually_async(lambda: all_in("sent", instance, taken))

    [status] = await statuses(instance, refused)
    assert status.reason == "mailbox-unavailable"


@pytest.mark.parametrize("answer", ["450 greylisted", "421 going down"])
async def test_a_temporary_refusal_is_tried_again_until_it_is_taken(parts, mail_server, answer):
    instance = parts(first_retry_seconds=0.1)
    notification = a_notification()
    mail_server.answers["RCPT"].extend([answer] * 3)
    await instance.handler.keep(with_contacts([notification]))

    async with sending(instance):
        await eventually_async(lambda: all_in("sent", instance, notification))

    assert len(mail_server.taken) == 1


async def test_a_refusal_that_never_ends_is_given_up(parts, mail_server):
    instance = parts(first_retry_seconds=0.05, give_up_seconds=0.3)
    notification = a_notification()
    mail_server.answers["RCPT"].extend(["450 later"] * 50)
    await instance.handler.keep(with_contacts([notification]))

    async with sending(instance):
        await eventually_async(lambda: all_in("permanent-failure", instance, notification))

    [status] = await statuses(instance, notification)
    assert status.reason == "gave-up"


async def test_a_server_that_is_busy_for_an_hour_is_asked_less_and_less_and_then_takes_all(
    parts, mail_server, database
):
    ahead = timedelta(0)
    instance = parts(now=lambda: utc_now() + ahead)
    kept = [a_notification() for _ in range(5)]
    mail_server.answers["RCPT"].extend(["451 busy"] * 5 * 6)
    await instance.handler.keep(with_contacts(kept))
    async with sending(instance):
        for attempts in range(1, 7):  # at 0, 1, 3, 7, 15 and 31 minutes, and the next after 63
            await eventually_async(lambda made=attempts: have_failed(database, made, kept))
            ahead += timedelta(seconds=60 * 2 ** (attempts - 1) - 30)
            assert await all_in("temporary-failure", instance, *kept)
            ahead += timedelta(seconds=31)
        await eventually_async(lambda: all_in("sent", instance, *kept))

    assert ahead > timedelta(hours=1)
    assert len(mail_server.taken) == 5


async def have_failed(database, attempts, kept):
    failed = database["notifications"].find({"state": "temporary-failure", "attempts": attempts})
    return len(await failed.to_list(None)) == len(kept)


async def test_a_server_that_refuses_the_sender_loses_no_message(parts, mail_server):
    instance = parts(first_retry_seconds=3600)
    notification = a_notification()
    mail_server.answers["MAIL"].append("553 sender not allowed")
    await instance.handler.keep(with_contacts([notification]))

    async with sending(instance):
        await eventually_async(lambda: all_in("temporary-failure", instance, notification))


async def test_a_line_dropped_after_the_mail_leads_to_one_identical_repeat(parts, mail_server):
    instance = parts(first_retry_seconds=0.1)
    notification = a_notification()
    mail_server.answers["DATA"].append(DROP)
    await instance.handler.keep(with_contacts([notification]))

    async with sending(instance):
        await eventually_async(lambda: all_in("sent", instance, notification))

    first, second = mail_server.taken
    assert first == second


async def test_a_server_that_hangs_on_one_mail_delays_only_that_one(parts, mail_server):
    instance = parts(connections=2, limits=TimeLimits(end=0.5), first_retry_seconds=0.1)
    kept = [a_notification() for _ in range(20)]
    mail_server.answers["DATA"].append(HANG)
    await instance.handler.keep(with_contacts(kept))

    async with sending(instance):
        await eventually_async(lambda: all_in("sent", instance, *kept))

    assert len(mail_server.taken) == 20


async def test_a_server_that_is_down_is_waited_out_and_blames_no_message(parts, mail_server):
    instance = parts()
    first, second = a_notification(), a_notification()
    mail_server.stop()
    async with sending(instance):
        await instance.handler.keep(with_contacts([first]))
        await eventually_async(lambda: is_down(instance))
        await instance.handler.keep(with_contacts([second]))  # keeping goes on meanwhile
        mail_server.start()
        await eventually_async(lambda: all_in("sent", instance, first, second))
        assert await instance.sender.status.is_usable()

    assert len(mail_server.taken) == 2


async def is_down(instance):
    return not await instance.sender.status.is_usable()


async def test_a_server_slower_than_a_claim_gets_each_message_once(parts, mail_server):
    # A claim is long enough to be renewed in time on a busy machine, too.
    instances = [parts(connections=1, claim_seconds=1.2) for _ in range(2)]
    kept = [a_notification() for _ in range(3)]
    mail_server.answer_after_seconds = 2.0
    await instances[0].handler.keep(with_contacts(kept))

    async with sending(instances[0]), sending(instances[1]):
        await eventually_async(lambda: all_in("sent", instances[0], *kept))

    assert len(mail_server.taken) == 3


async def test_a_message_that_cannot_be_written_stops_nothing_and_is_never_sent(parts, mail_server):
    instance = parts(first_retry_seconds=3600)
    bad, good = a_notification(), a_notification()
    await instance.handler.keep(
        [bad, good, a_registration(bad, name="Chan\r\nBcc: x@y.example"), a_registration(good)]
    )

    async with sending(instance):
        await eventually_async(lambda: all_in("sent", instance, good))
        await eventually_async(lambda: all_in("temporary-failure", instance, bad))

    [status] = await statuses(instance, bad)
    assert status.reason == NOT_RENDERED
    assert len(mail_server.taken) == 1


async def test_a_crash_between_the_servers_yes_and_our_note_repeats_one_identical_mail(
    parts, mail_server
):
    notification = a_notification()
    crashed, successor = parts(connections=1, claim_seconds=0.5), parts()
    mail_server.answers["DATA"].append(TAKE_AND_HANG)
    await crashed.handler.keep(with_contacts([notification]))
    async with crashing(crashed):
        await eventually_async(lambda: mail_server.taken)

    async with sending(successor):
        await eventually_async(lambda: all_in("sent", successor, notification))

    first, second = mail_server.taken
    assert first == second


async def test_what_a_crashed_instance_had_claimed_is_sent_by_another(parts, mail_server):
    kept = [a_notification() for _ in range(10)]
    crashed, successor = parts(), parts()
    await crashed.handler.keep(with_contacts(kept))
    await crashed.stores.notifications.claim(utc_now(), utc_now() + timedelta(seconds=0.3), 100)

    async with sending(successor):
        await eventually_async(lambda: all_in("sent", successor, *kept))

    assert len(mail_server.taken) == 10


async def test_stopping_gives_back_what_was_claimed_and_not_begun(parts, mail_server):
    stopped = parts(connections=1, batch=100)
    kept = [a_notification() for _ in range(20)]
    mail_server.stop()
    await stopped.handler.keep(with_contacts(kept))
    async with sending(stopped):
        await eventually_async(lambda: is_down(stopped))

    assert await all_in("due", stopped, *kept)


async def test_stopping_does_not_wait_for_a_server_that_hangs(parts, mail_server):
    instance = parts(connections=1)
    mail_server.answers["DATA"].append(HANG)
    await instance.handler.keep(with_contacts([a_notification()]))
    began = asyncio.get_running_loop().time()

    async with sending(instance):
        await eventually_async(lambda: not mail_server.answers["DATA"])

    assert asyncio.get_running_loop().time() - began < 6
