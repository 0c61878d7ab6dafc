"""`cppp status`: one table of what every service says of an application."""

import re

import pytest
from typer.testing import CliRunner

from cli.main import app
from tests.cli.scripted_server import Answer, ReceivedRequest, scripted_server

ID = "383dd6c4-d698-8d4c-899f-4659b671ad9c"
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


def test_an_invalid_id_is_refused(server):
    result = status(server, "not-an-id")

    assert result.exit_code == 2
    assert "valid UUID" in result.stderr
