"""The command that makes, lists and revokes API keys, on the real MongoDB."""

import asyncio
import re
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from services.intake import keys
from services.intake.access.authentication import Authenticator, Client
from services.intake.store.api_keys import MongoApiKeys
from shared.http.problems import Problem
from shared.mongo import open_database
from shared.settings import MongoSettings


@pytest.fixture
def command(infra, monkeypatch):
    monkeypatch.setenv("MONGODB_URL", infra.mongodb_url)
    return lambda *arguments: CliRunner().invoke(keys.app, list(arguments))


def made(command, *arguments: str) -> str:
    result = command("create", *arguments)
    assert result.exit_code == 0
    return result.stdout.removesuffix("\n")


def client_of(infra, key: str) -> Client:
    """Return the client of a key, as the service would."""

    async def authenticated() -> Client:
        async with open_database(MongoSettings(url=infra.mongodb_url), "intake") as database:
            find = MongoApiKeys(database["clients"]).find
            return await Authenticator(find, allow_anonymous=False, cache_seconds=0).client(
                f"Bearer {key}"
            )

    return asyncio.run(authenticated())


def test_a_key_is_printed_alone_and_opens_with_its_rights(infra, command):
    key = made(command, "Migration", "--right", "backdate")

    assert re.fullmatch(r"cppp_[0-9a-f]{12}_[0-9a-f]{64}", key)
    assert client_of(infra, key).rights == {"backdate"}
    assert client_of(infra, made(command, "Portal")).rights == set()


def test_every_key_is_listed_without_its_secret(command):
    name = f"system {uuid4()}"
    key = made(command, name, "--right", "backdate")
    _, key_id, secret = key.split("_")

    listed = command("list").stdout

    [line] = [each for each in listed.splitlines() if name in each]
    assert line.startswith(key_id)
    assert "valid" in line
    assert "backdate" in line
    assert secret not in listed


def test_rights_are_given_to_a_key_and_taken_from_it(infra, command):
    key = made(command, "Migration", "--right", "backdate")
    key_id = key.split("_")[1]

    assert "backdate,bulk" in command("grant", key_id, "--right", "bulk").stdout
    assert client_of(infra, key).rights == {"backdate", "bulk"}

    command("deny", key_id, "--right", "backdate", "--right", "bulk")
    assert client_of(infra, key).rights == set()


@pytest.mark.parametrize("change", ["grant", "deny"])
def test_an_unknown_key_gets_no_rights(command, change):
    result = command(change, "0123456789ab", "--right", "bulk")

    assert result.exit_code == 1
    assert "No key has the id" in result.stderr


def test_a_revoked_key_opens_no_more(infra, command):
    key = made(command, "Former system")
    key_id = key.split("_")[1]

    assert "revoked" in command("revoke", key_id).stdout

    with pytest.raises(Problem):
        client_of(infra, key)


def test_an_unknown_id_cannot_be_revoked(command):
    result = command("revoke", "0123456789ab")

    assert result.exit_code == 1
    assert "No key has the id" in result.stderr


@pytest.mark.parametrize("name", ["", " ", "\u200b", "\u3164", "a\nb"])
def test_a_name_that_shows_nothing_is_refused(command, name):
    result = command("create", name)

    assert result.exit_code == 2
    assert "something visible" in result.stderr
    assert result.stdout == ""


def test_an_unknown_right_is_refused(command):
    result = command("create", "Somebody", "--right", "everything")

    assert result.exit_code == 2
    assert "backdate" in result.stderr


def test_without_mongodb_the_command_says_what_to_check(monkeypatch):
    monkeypatch.setenv("MONGODB_URL", "mongodb://127.0.0.1:1/")

    result = CliRunner().invoke(keys.app, ["list"])

    assert result.exit_code == 1
    assert "Check MONGODB_URL" in result.stderr
