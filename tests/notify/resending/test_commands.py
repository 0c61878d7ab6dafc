"""`cppp mails` on a real database: what it shows, and what it needs to act."""

import asyncio
import json
import subprocess
import sys
from dataclasses import replace
from getpass import getuser

import pytest
from pymongo import MongoClient
from typer.testing import CliRunner

from cli.main import app
from devstack.stack.program import PROJECT
from services.notify.model import Sent
from services.notify.store.contacts import MongoContacts
from shared.mongo import open_database
from shared.references import reference_of
from shared.settings import MongoSettings
from tests.factories import NOW, a_notification, a_registration
from tests.notify.resending.stored import ended, failed

SENT = Sent("<1@cppp.example>", "en", NOW)


@pytest.fixture
def command(infra, monkeypatch):
    monkeypatch.setenv("MONGODB_URL", infra.mongodb_url)
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *arguments: CliRunner().invoke(app, ["mails", *arguments])


@pytest.fixture
def stored(infra):
    """Store a notification with its contact in the database of the service.

    They are deleted afterwards, so that no service sends them.
    """
    applications = []

    async def store(outcomes, notification):
        applications.append(notification.application_id)
        async with open_database(MongoSettings(url=infra.mongodb_url), "notify") as database:
            contacts = MongoContacts(database["contacts"], database["erasures"])
            await contacts.register([a_registration(notification)])
            await ended(database["notifications"], notification, *outcomes)
        return notification

    yield lambda *outcomes, of=None: asyncio.run(store(outcomes, of or a_notification()))

    with MongoClient(infra.mongodb_url) as client:
        client["notify"]["notifications"].delete_many({"application_id": {"$in": applications}})
        client["notify"]["contacts"].delete_many({"_id": {"$in": applications}})


def test_a_list_shows_mails_and_counts_and_no_address(command, stored):
    mail = stored(failed("gave-up"))

    said = command("list", "--application", reference_of(mail.application_id))

    assert said.exit_code == 0
    assert mail.id in said.stdout
    assert "gave-up" in said.stdout
    assert "example.com" not in said.stdout


def test_lists_and_mails_are_printed_for_programs_too(command, stored):
    mail = stored(failed("gave-up", answer="rcpt-550-5.7.1"))

    listed = json.loads(command("list", "--application", mail.application_id, "--json").stdout)
    shown = json.loads(command("show", mail.id, "--json").stdout)

    assert listed["totals"] == [{"state": "permanent-failure", "reason": "gave-up", "count": 1}]
    assert [each["id"] for each in listed["mails"]] == [mail.id]
    [sending] = shown["sendings"]
    assert [each["answer"] for each in sending["failures"]] == ["rcpt-550-5.7.1"]


def test_without_execute_it_only_shows_what_it_would_do(command, stored):
    mail = stored(failed())

    said = command("resend", mail.id)

    assert said.exit_code == 0
    assert mail.id in said.stderr
    assert "Nothing was done: this was a dry run." in said.stderr
    assert json.loads(command("show", mail.id, "--json").stdout)["resends"] == 0


def test_a_mail_is_resent_once_however_often_it_is_asked_for(command, stored):
    mail = stored(failed())
    arguments = ("--execute", "--because", "INC-42")

    first = command("resend", "--application", mail.application_id, *arguments, "--by", "ada")
    again = command("resend", "--application", mail.application_id, *arguments)
    named = command("resend", mail.id, *arguments)

    assert (first.exit_code, "1 of 1 due again." in first.stderr) == (0, True)
    assert (again.exit_code, "No mails match." in again.stderr) == (0, True)
    assert (named.exit_code, "goes out by itself" in named.stderr) == (1, True)
    shown = command("show", mail.id).stdout
    assert "sent again by ada: INC-42" in shown
    assert "permanent-failure: content-refused" in shown


def test_what_was_sent_is_resent_only_by_id_and_when_asked_for(command, stored):
    mail = stored(SENT)
    arguments = ("--execute", "--because", "lost by the receiver")

    refused = command("resend", mail.id, *arguments)
    filtered = command("resend", "--state", "sent", "--again", *arguments)
    done = command("resend", mail.id, "--again", *arguments)

    assert (refused.exit_code, "was sent at" in refused.stderr) == (1, True)
    assert (filtered.exit_code, "IDs of mails" in filtered.stderr) == (2, True)
    assert (done.exit_code, "1 of 1 due again." in done.stderr) == (0, True)
    assert f"sent again by {getuser()}" in command("show", mail.id).stdout


def test_a_mail_that_failed_again_can_be_resent_again(command, stored):
    mail = stored(failed())
    arguments = ("resend", mail.id, "--execute", "--because", "INC-42")
    command(*arguments)
    stored(failed("gave-up"), of=replace(mail, resend=1))

    assert command(*arguments).exit_code == 0
    assert json.loads(command("show", mail.id, "--json").stdout)["resends"] == 2


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["resend"], 2, "Must be IDs"),
        (["resend", "x", "--all"], 2, "not both"),
        (["resend", "--all", "--execute"], 2, "Must say on one line"),
        (["resend", "--all", "--because", "two\nlines"], 2, "Must say on one line"),
        (["resend", "x:y:1"], 1, "No such mail: x:y:1"),
        (["show", "x:y:1"], 1, "No such mail: x:y:1"),
        (["list", "--application", "x"], 2, "Must be the ID"),
        (["list", "--since", "soon"], 2, "Must be 2026"),
    ],
)
def test_it_says_what_is_wrong(command, arguments, code, said):
    outcome = command(*arguments)

    assert (outcome.exit_code, said in outcome.stderr.replace("\n", " ")) == (code, True)


def test_it_runs_inside_a_container_which_has_no_cppp():
    module = [sys.executable, "-m", "services.notify.resending", "--help"]

    said = subprocess.run(  # noqa: S603  # our own command
        module, capture_output=True, text=True, check=True, cwd=PROJECT
    )

    assert all(each in said.stdout for each in ("list", "show", "resend"))


def test_it_says_so_when_the_database_is_away(command, monkeypatch):
    monkeypatch.setenv("MONGODB_URL", "mongodb://127.0.0.1:1/?replicaSet=rs0")
    monkeypatch.setenv("MONGODB_WAIT_SECONDS", "0.2")

    away = command("list")

    assert (away.exit_code, "MONGODB_URL" in away.stderr) == (1, True)
