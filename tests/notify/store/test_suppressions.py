"""Addresses that are not written to: who comes on the list, what it keeps, and the command."""

from uuid import uuid4

import orjson
import pytest
from typer.testing import CliRunner

from services.notify import suppressions
from services.notify.delivery.recipients import SUPPRESSED
from services.notify.store.suppressions import MongoSuppressions, Suppression
from shared.clock import utc_now
from tests.factories import A_MINUTE, NOW, a_notification, a_registration, an_erasure
from tests.notify.conftest import sending
from tests.notify.states import all_in, statuses
from tests.waiting import eventually_async

ADDRESS = "nobody@example.com"


@pytest.fixture
def store(any_database):
    return MongoSuppressions(any_database["suppressions"], "secret")


def to(address):
    notification = a_notification()
    return notification, a_registration(notification, email=address)


@pytest.mark.parametrize("status", ["5.1.1", "5.2.1"])
@pytest.mark.parametrize("command", ["RCPT", "DATA"])
async def test_an_address_without_mailbox_is_not_written_to_again(
    parts, mail_server, command, status
):
    instance = parts(connections=1)
    (first, its_contact), (second, same_contact), (other, another) = (
        to(ADDRESS),
        to("Nobody@EXAMPLE.com"),
        to("somebody@example.com"),
    )
    mail_server.answers[command].append(f"550 {status} no such user here")
    async with sending(instance):
        await instance.handler.keep([its_contact, first])
        await eventually_async(lambda: all_in("permanent-failure", instance, first))
        await instance.handler.keep([same_contact, second, another, other])
        await eventually_async(lambda: all_in("suppressed", instance, second))
        await eventually_async(lambda: all_in("sent", instance, other))

    [status_of_second] = await statuses(instance, second)
    assert status_of_second.reason == SUPPRESSED
    assert mail_server.recipients == ["somebody@example.com"]


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ("550 5.7.1 we want no mail from you", "temporary-failure"),
        ("550 no", "permanent-failure"),
        ("554 5.6.0 spam", "temporary-failure"),
        ("552 5.2.2 full", "temporary-failure"),
    ],
)
async def test_a_refusal_of_something_else_suppresses_nobody(parts, mail_server, answer, state):
    instance = parts(connections=1)
    (first, contact), (second, same_contact) = to(ADDRESS), to(ADDRESS)
    mail_server.answers["RCPT"].append(answer)
    async with sending(instance):
        await instance.handler.keep([contact, first])
        await eventually_async(lambda: all_in(state, instance, first))
        await instance.handler.keep([same_contact, second])
        await eventually_async(lambda: all_in("sent", instance, second))


async def test_a_suppressed_message_is_announced_as_one_that_will_never_be_sent(parts):
    instance = parts()
    notification, contact = to(ADDRESS)
    await instance.stores.suppressions.add(ADDRESS, "operator", utc_now())
    await instance.handler.keep([contact, notification])
    async with sending(instance):
        await eventually_async(lambda: all_in("suppressed", instance, notification))

    [unpublished] = await instance.outbox.store.due(utc_now() + A_MINUTE, 10)
    assert orjson.loads(unpublished.events[0].value)["reason"] == SUPPRESSED


async def test_whoever_is_taken_off_the_list_is_written_to_again(parts, mail_server):
    instance = parts()
    notification, contact = to(ADDRESS)
    await instance.stores.suppressions.add(ADDRESS, "operator", utc_now())
    assert await instance.stores.suppressions.remove(ADDRESS.upper())
    await instance.handler.keep([contact, notification])

    async with sending(instance):
        await eventually_async(lambda: mail_server.taken)


async def test_a_new_address_of_the_same_application_is_written_to(parts, mail_server):
    instance = parts()
    notification, contact = to(ADDRESS)
    await instance.stores.suppressions.add(ADDRESS, "refused", utc_now())
    corrected = a_registration(notification, 2, email="found@example.com")
    await instance.handler.keep([contact, corrected, notification])

    async with sending(instance):
        await eventually_async(lambda: mail_server.recipients == ["found@example.com"])


async def test_it_outlives_an_erasure_and_keeps_nothing_of_the_person(parts, database):
    instance = parts()
    notification, contact = to(ADDRESS)
    await instance.stores.suppressions.add(ADDRESS, "refused", utc_now())
    await instance.handler.keep([contact, notification])

    await instance.handler.keep([an_erasure(notification)])

    assert await instance.stores.suppressions.among([ADDRESS]) == {ADDRESS}
    everything = [
        str(each)
        for name in await database.list_collection_names()
        for each in await database[name].find().to_list(None)
    ]
    assert everything
    assert not [each for each in everything if "nobody" in each or "example.com" in each]


async def test_all_spellings_of_one_mailbox_are_one(store):
    await store.add("Chan@例子.公司", "operator", NOW)

    spellings = ["chan@xn--fsqu00a.xn--55qx5d", "CHAN@例子.公司"]
    assert await store.among([*spellings, "lee@例子.公司"]) == set(spellings)


@pytest.mark.parametrize("no_address", ["", "x\r\ny@z.example", "a@b@c", "@", "陳"])
async def test_what_is_no_address_is_on_no_list_and_no_error(store, no_address):
    assert await store.among([no_address]) == frozenset()


async def test_adding_again_keeps_why_and_since_when(store):
    first = await store.add(ADDRESS, "refused", NOW)
    again = await store.add(ADDRESS, "operator", NOW + A_MINUTE)

    assert first == again
    assert await store.all() == [Suppression(first, "refused", NOW)]


async def test_it_is_removed_by_its_id_too(store):
    suppression_id = await store.add(ADDRESS, "operator", NOW)

    assert await store.remove(suppression_id)
    assert not await store.remove(suppression_id)
    assert await store.all() == []


async def test_without_the_secret_no_address_can_be_tried_out(store, any_database):
    await store.add(ADDRESS, "operator", NOW)

    guessing = MongoSuppressions(any_database["suppressions"], "")

    assert await guessing.among([ADDRESS]) == frozenset()


@pytest.fixture
def command(infra, monkeypatch):
    monkeypatch.setenv("MONGODB_URL", infra.mongodb_url)
    monkeypatch.setenv("NOTIFY_SUPPRESSION_SECRET", "0123456789abcdef")
    return lambda *arguments, **more: CliRunner().invoke(suppressions.app, list(arguments), **more)


def test_the_command_adds_lists_and_removes_without_showing_an_address(command):
    address = f"{uuid4()}@example.com"

    added = command("add", address)
    again = command("add", address)
    listed = command("list").stdout

    suppression_id = added.stdout.strip()
    [line] = [each for each in listed.splitlines() if each.startswith(suppression_id)]
    assert line.endswith("operator")
    assert (added.stderr, again.stdout) == ("", added.stdout)
    assert "suppressed already" in again.stderr
    assert "example.com" not in listed
    assert command("remove", address).exit_code == 0
    assert suppression_id not in command("list").stdout


def test_the_command_asks_for_an_address_that_must_not_stand_in_the_shells_history(command):
    address = f"{uuid4()}@example.com"

    added = command("add", "-", input=f"{address}\n")

    assert added.exit_code == 0
    assert command("remove", address).exit_code == 0


def test_the_command_takes_an_address_with_padding(command):
    added = command("add", "  nobody@example.org\u3000")

    assert command("add", "nobody@example.org").stdout == added.stdout
    assert command("remove", " nobody@example.org ").exit_code == 0


def test_the_command_says_what_is_wrong(command):
    assert "Not an e-mail address" in command("add", "nobody").stderr
    unknown = command("remove", "unknown@example.com")
    assert (unknown.exit_code, "not suppressed" in unknown.stderr) == (1, True)


def test_the_command_says_so_when_the_database_is_away(command, monkeypatch):
    monkeypatch.setenv("MONGODB_URL", "mongodb://127.0.0.1:1/?replicaSet=rs0")
    monkeypatch.setenv("MONGODB_WAIT_SECONDS", "0.2")

    away = command("list")

    assert (away.exit_code, "MONGODB_URL" in away.stderr) == (1, True)
