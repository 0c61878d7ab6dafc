"""How many mails can be accepted by the server and not yet stored as sent."""

import asyncio

import pytest
from pymongo import MongoClient

from services.notify.smtp.time_limits import TimeLimits
from tests.factories import a_notification
from tests.notify.conftest import crashing, sending
from tests.notify.mail_server import TAKE_AND_HANG
from tests.notify.states import all_in, with_contacts
from tests.waiting import eventually_async


@pytest.fixture
def noted(infra, database):
    """Return how many are stored as sent; callable from any thread."""
    with MongoClient(infra.mongodb_url) as client:
        collection = client[database.name]["notifications"]
        yield lambda: collection.count_documents({"state": "sent"})


@pytest.mark.parametrize("unrecorded", [1, 5])
async def test_no_more_are_accepted_before_they_are_stored_than_may_be(
    parts, mail_server, noted, unrecorded
):
    instance = parts(unrecorded=unrecorded)
    kept = [a_notification() for _ in range(40)]
    doubts = []
    mail_server.on_taken = lambda _mail: doubts.append(len(mail_server.taken) - noted())
    await instance.handler.keep(with_contacts(kept))

    async with sending(instance):
        await eventually_async(lambda: all_in("sent", instance, *kept))

    assert max(doubts) <= unrecorded


async def test_a_crash_repeats_what_was_unrecorded_with_the_same_bytes(parts, mail_server):
    kept = [a_notification() for _ in range(120)]
    crashed = parts(connections=64, unrecorded=64, claim_seconds=0.5)
    successor = parts()
    mail_server.answers["DATA"].extend([TAKE_AND_HANG] * 120)
    await crashed.handler.keep(with_contacts(kept))
    async with crashing(crashed):
        await eventually_async(lambda: len(mail_server.taken) == 64)
    mail_server.answers["DATA"].clear()

    async with sending(successor):
        await eventually_async(lambda: all_in("sent", successor, *kept))

    assert len(mail_server.taken) == 120 + 64
    assert len(set(mail_server.taken)) == 120, "a repeat is not identical"


async def test_a_server_that_takes_long_to_accept_gets_each_mail_once(parts, mail_server):
    # 2 s stand for 40 s: longer than the limits of every other command, and than a claim.
    limits = TimeLimits(greeting=1, command=1, mail=1, rcpt=1, data=1, block=1, end=30)
    instance = parts(limits=limits, claim_seconds=0.5)
    kept = [a_notification() for _ in range(3)]
    mail_server.answer_after_seconds = 2.0
    await instance.handler.keep(with_contacts(kept))

    async with sending(instance):
        await eventually_async(lambda: all_in("sent", instance, *kept))

    assert len(mail_server.taken) == 3


async def test_while_one_answer_is_slow_the_other_connections_go_on(parts, mail_server):
    instance = parts(connections=2)
    kept = [a_notification() for _ in range(50)]
    mail_server.answers["DATA"].append(TAKE_AND_HANG)
    await instance.handler.keep(with_contacts(kept))

    async with sending(instance):
        await eventually_async(lambda: len(mail_server.taken) == 50)


async def test_stopping_does_not_wait_for_the_answer_to_a_final_dot(parts, mail_server):
    instance, successor = parts(claim_seconds=0.5), parts()
    kept = [a_notification() for _ in range(3)]
    mail_server.answers["DATA"].extend([TAKE_AND_HANG] * 3)
    await instance.handler.keep(with_contacts(kept))
    async with sending(instance):
        await eventually_async(lambda: len(mail_server.taken) == 3)
        began = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - began < 6

    async with sending(successor):
        await eventually_async(lambda: all_in("sent", successor, *kept))

    assert len(mail_server.taken) == 6
    assert len(set(mail_server.taken)) == 3, "a repeat is not identical"
