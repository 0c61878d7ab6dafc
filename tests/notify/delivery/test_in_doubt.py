"""How many messages can be between the server's yes and our note of it."""

import pytest
from pymongo import MongoClient

from services.notify.rules import notification_about
from tests.factories import NOW, a_notification, a_registration, withdrawn
from tests.notify.conftest import crashing, sending
from tests.notify.mail_server import HANG, TAKE_AND_HANG, read_mail, subject_of
from tests.notify.states import all_in, with_contacts
from tests.waiting import eventually_async


@pytest.fixture
def noted(infra, database):
    """Return how many are stored as sent; callable from any thread."""
    with MongoClient(infra.mongodb_url) as client:
        collection = client[database.name]["notifications"]
        yield lambda: collection.count_documents({"state": "sent"})


@pytest.mark.parametrize("in_doubt", [1, 3])
async def test_no_more_are_taken_before_they_are_noted_than_may_be(
    parts, mail_server, noted, in_doubt
):
    settings = {} if in_doubt == 1 else {"in_doubt": in_doubt}
    instance = parts(**settings)
    kept = [a_notification() for _ in range(24)]
    doubts = []
    mail_server.on_taken = lambda _mail: doubts.append(len(mail_server.taken) - noted())
    mail_server.answer_after_seconds = 0.01

    await instance.handler.keep(with_contacts(kept))
    async with sending(instance):
        await eventually_async(lambda: all_in("sent", instance, *kept))

    assert max(doubts) == in_doubt


async def test_a_crash_at_the_default_settings_repeats_one_mail_however_many_are_on_their_way(
    parts, mail_server
):
    kept = [a_notification() for _ in range(12)]
    crashed, successor = parts(claim_seconds=0.5), parts()
    mail_server.answers["DATA"].append(TAKE_AND_HANG)
    await crashed.handler.keep(with_contacts(kept))
    async with crashing(crashed):
        await eventually_async(lambda: mail_server.taken)

    async with sending(successor):
        await eventually_async(lambda: all_in("sent", successor, *kept))

    assert len(mail_server.taken) == 13
    assert len(set(mail_server.taken)) == 12, "the repeat is not identical"


async def test_whoever_waits_for_his_turn_is_looked_at_again_before_it(parts, mail_server):
    instance = parts(connections=2)
    first, second = a_notification(), a_notification()
    mail_server.answer_after_seconds = 1.5  # longer than what was looked up counts as up to date
    await instance.handler.keep(with_contacts([first, second]))
    async with sending(instance):
        waiting = await the_one_not_taken(mail_server, first, second)
        withdrawal = notification_about(withdrawn(waiting.application_id), NOW)

        await instance.handler.keep([withdrawal])

        await eventually_async(lambda: stopped(instance, waiting))
        await eventually_async(lambda: len(mail_server.taken) == 2)
    assert [subject_of(each) for each in mail_server.mails][1:] == [
        "Your application has been withdrawn"
    ]


async def test_whoever_waits_for_his_turn_is_written_to_at_the_address_that_he_has_by_then(
    parts, mail_server
):
    instance = parts(connections=2)
    first, second = a_notification(), a_notification()
    mail_server.answer_after_seconds = 1.5
    await instance.handler.keep(with_contacts([first, second]))
    async with sending(instance):
        waiting = await the_one_not_taken(mail_server, first, second)

        await instance.handler.keep([a_registration(waiting, version=2, email="new@example.com")])

        await eventually_async(lambda: all_in("sent", instance, first, second))
    assert mail_server.recipients == ["chan@example.com", "new@example.com"]
    assert mail_server.mails[1]["To"].addresses[0].addr_spec == "new@example.com"


async def the_one_not_taken(mail_server, *notifications):
    await eventually_async(lambda: mail_server.taken)
    taken = read_mail(mail_server.taken[0])["X-Application-Id"]
    [waiting] = [each for each in notifications if each.application_id != taken]
    return waiting


async def stopped(parts, notification):
    found = await parts.stores.notifications.of(notification.application_id)
    return {each.template: each.state for each in found}[notification.template] == "stopped"


async def test_whoever_waits_for_his_turn_while_the_service_stops_is_given_back(parts, mail_server):
    instance = parts(connections=4)
    kept = [a_notification() for _ in range(4)]
    mail_server.answer_after_seconds = 0.5
    await instance.handler.keep(with_contacts(kept))
    async with sending(instance):
        await eventually_async(lambda: mail_server.taken)

    counts = await instance.stores.notifications.waiting()
    assert (len(mail_server.taken), counts["due"], counts["sending"]) == (1, 3, 0)


async def test_a_server_that_hangs_on_a_taken_mail_keeps_others_waiting_no_longer_than_the_limit(
    parts, mail_server
):
    instance = parts(connections=3, send_seconds=0.5, first_retry_seconds=3600)
    kept = [a_notification() for _ in range(10)]
    mail_server.answers["DATA"].append(HANG)
    await instance.handler.keep(with_contacts(kept))

    async with sending(instance):
        await eventually_async(lambda: len(mail_server.taken) == 9)
