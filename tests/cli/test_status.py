"""`cppp status`: one table of what every service says of an application."""

import re
from uuid import uuid4

import pytest
from pymongo import MongoClient
from typer.testing import CliRunner

from cli.main import app
from shared.references import reference_of
from tests.cli.scripted_server import Answer, ReceivedRequest, scripted_server
from tests.factories import NOW

ID = "383dd6c4-d698-8d4c-899f-4659b671ad9c"
REFERENCE = "70YX-DH6P-K3AV"
LOOKUP = f"/intake/v1/applications?reference={REFERENCE}"
DECISION = {
    "outcome": "eligible",
    "grant_cents": 2_800_050,
    "reasons": [{"code": "x", "en": "Within the ceiling [of] phase 3.", "source": "S1"}],
}
NOTIFICATION = {"state": "sent", "template": "eligible", "sent_at": "2026-11-02T01:30:00Z"}
ACCEPTED = {"status": "published", "stream": "assessment", "received_at": "2026-11-02T01:29:00Z"}


def all_services(asked: ReceivedRequest) -> Answer:
    answers = {
        f"/intake/v1/applications/{ID}": ACCEPTED,
        f"/eligibility/v1/decisions/{ID}": [DECISION],
        f"/notify/v1/notifications/{ID}": [NOTIFICATION],
        LOOKUP: [{"application_id": ID}],
    }
    content = answers.get(asked.path)
    return Answer(200, content) if content else Answer(404, {"detail": "unknown"})


@pytest.fixture
def server():
    with scripted_server(all_services) as running:
        yield running


def status(server, application_id: str = ID, **urls: str):
    services = ("intake", "eligibility", "recognition", "notify")
    options = [
        part
        for name in services
        for part in (f"--{name}-url", urls.get(name, f"{server.url}/{name}"))
    ]
    return CliRunner().invoke(app, ["status", application_id, *options])


def words(output: str) -> str:
    return " ".join(re.sub(r"[│┃━┏┓└┘├┤─┡┩┳╇┴]", " ", output).split())


def test_everything_that_is_known_is_in_one_table(server):
    result = status(server)

    said = words(result.stdout)
    assert result.exit_code == 0
    assert "intake published assessment, received 2026-11-02T01:29:00Z" in said
    assert "eligibility eligible grant HK$28,000.50" in said
    assert "Within the ceiling [of] phase 3. (S1)" in said
    assert "recognition no decision" in said
    assert "notify sent eligible 2026-11-02T01:30:00Z" in said


def test_an_id_that_intake_does_not_know_is_reported(server):
    result = status(server, "00000000-0000-0000-0000-000000000000")

    assert result.exit_code == 1
    assert "intake unknown id" in words(result.stdout)


def test_a_service_that_is_down_is_reported_and_the_others_are_shown(server):
    result = status(server, eligibility="http://127.0.0.1:1")

    said = words(result.stdout)
    assert result.exit_code == 1
    assert "eligibility unavailable" in said
    assert "is it running there?" in said
    assert "notify sent" in said


@pytest.mark.parametrize("content", ["text", [1], [{}], None])
def test_an_answer_of_another_program_is_reported(server, content):
    server.answer = lambda asked: (
        Answer(200, content) if asked.path.startswith("/notify") else all_services(asked)
    )

    result = status(server)

    assert result.exit_code == 1
    assert "another program's answer" in words(result.stdout)


def test_a_service_that_fails_is_reported(server):
    server.answer = lambda _: Answer(503)

    result = status(server)

    assert result.exit_code == 1
    assert words(result.stdout).count("answers 503") == 4


@pytest.mark.parametrize("text", ["not-an-id", "70YX-DH6P-K3AW"])
def test_what_is_neither_an_id_nor_a_reference_is_refused(server, text):
    result = status(server, text)

    assert result.exit_code == 2
    assert "Must be an ID" in words(result.stderr)


def test_a_client_asks_by_reference_with_its_key(server, monkeypatch):
    monkeypatch.setenv("CPPP_API_KEY", "the-key")

    result = status(server, REFERENCE.lower())

    assert result.exit_code == 0
    assert f"Application {REFERENCE} ({ID})" in words(result.stdout)


@pytest.mark.parametrize(
    ("found", "said"),
    [([], "No application with the reference"), ([ID, ID[:-1] + "0"], "Give the ID of one")],
)
def test_a_reference_of_no_or_of_several_applications_is_told(server, monkeypatch, found, said):
    monkeypatch.setenv("CPPP_API_KEY", "the-key")
    content = [{"application_id": each} for each in found]
    server.answer = lambda _asked: Answer(200, content)

    result = status(server, REFERENCE)

    assert result.exit_code == 1
    assert said in words(result.stderr)
    assert all(each in result.stderr for each in found)


def test_an_operator_asks_by_reference_without_a_key(server, infra, monkeypatch):
    monkeypatch.setenv("MONGODB_URL", infra.mongodb_url)
    application_id = str(uuid4())
    with MongoClient(infra.mongodb_url) as client:
        client["intake"]["applications"].insert_one(
            {
                "_id": application_id,
                "version": 1,
                "client": "another",
                "stream": "assessment",
                "received_at": NOW,
                "accepted_at": NOW,
                "fingerprint": b"",
            }
        )

    result = status(server, reference_of(application_id))

    assert application_id in words(result.stdout)
