"""`cppp orphans`: what the service of reconciliation shows, and what it cannot see."""

import json
import re

import pytest
from typer.testing import CliRunner

from cli.main import app
from shared.references import reference_of
from tests.cli.scripted_server import Answer, scripted_server

ID = "383dd6c4-d698-8d4c-899f-4659b671ad9c"
ORPHANS = {
    "counted_at": "2026-11-02T01:50:00Z",
    "counts": {"decided": 1, "notified": 2},
    "orphans": [
        {
            "application_id": ID,
            "version": 1,
            "stage": stage,
            "since": "2026-11-02T01:30:00Z",
            "subject": f"{ID}:1",
        }
        for stage in ("decided", "notified")
    ],
}
NONE = {"counted_at": "x", "counts": {"decided": 0, "notified": 0}, "orphans": []}
READY = Answer(200, {"status": "ready", "waiting_for": []})
UNPUBLISHED = """# TYPE cppp_outbox_pending gauge
cppp_outbox_pending{service="intake"} 7.0
# TYPE cppp_outbox_oldest_age_seconds gauge
cppp_outbox_oldest_age_seconds{service="intake"} 93.2
"""


@pytest.fixture
def server():
    with scripted_server(lambda _: Answer(200, ORPHANS)) as running:
        yield running


def answering(server, orphans, metrics, readiness=READY):
    def answer(asked):
        return {"/metrics": metrics, "/readyz": readiness}.get(asked.path, orphans)

    server.answer = answer


def orphans(server, *options, url=""):
    urls = ["--reconciliation-url", url or server.url, "--intake-url", server.url]
    return CliRunner().invoke(app, ["orphans", *urls, *options], env={"COLUMNS": "150"})


def words(output: str) -> str:
    return " ".join(re.sub(r"[│┃━┏┓└┘├┤─┡┩┳╇┴]", " ", output).split())


def test_orphans_are_listed_with_the_missing_event_and_since_when(server):
    result = orphans(server)

    said = words(result.stdout)
    assert result.exit_code == 1
    assert f"{reference_of(ID)} {ID} 1 a decision 2026-11-02T01:30:00Z" in said
    assert f"{ID} 1 a notification 2026-11-02T01:30:00Z" in said
    assert "And 1 more." in said


def test_the_limit_is_passed_on_to_the_service(server):
    orphans(server, "--limit", "7")

    assert server.asked[0].path == "/v1/orphans?limit=7"


def test_without_orphans_it_says_so_and_exits_with_0(server):
    answering(server, Answer(200, NONE), Answer(200, text="cppp_outbox_pending 0.0\n"))

    result = orphans(server)

    assert (result.exit_code, result.stderr) == (0, "")
    assert "No orphans" in result.stdout


def test_json_has_the_orphans_and_the_outbox(server):
    answering(server, Answer(200, ORPHANS), Answer(200, text=UNPUBLISHED))

    result = orphans(server, "--json")

    assert result.exit_code == 1
    assert json.loads(result.stdout) == {**ORPHANS, "intake_outbox": {"pending": 7}}


def test_unpublished_applications_are_mentioned(server):
    answering(server, Answer(200, NONE), Answer(200, text=UNPUBLISHED))

    result = orphans(server)

    assert result.exit_code == 0
    assert "accepted 7 more that are not published yet, the oldest for 93 sec" in result.stderr


def test_a_service_that_is_not_ready_is_reported(server):
    waiting = Answer(503, {"status": "waiting", "waiting_for": ["kafka"]})
    answering(server, Answer(200, NONE), Answer(200, text=UNPUBLISHED), waiting)

    result = orphans(server)

    assert (result.exit_code, "may be out of date" in result.stderr) == (0, True)


@pytest.mark.parametrize("metrics", [Answer(503), Answer(200, text="{"), Answer(200, text="a 1\n")])
def test_an_intake_without_outbox_metrics_changes_no_exit_code(server, metrics):
    answering(server, Answer(200, NONE), metrics)

    result = orphans(server)

    assert (result.exit_code, "does not report them" in result.stderr) == (0, True)


def test_a_service_that_is_down_has_its_own_exit_code(server):
    result = orphans(server, url="http://127.0.0.1:1")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "is it running there?" in result.stderr


@pytest.mark.parametrize("content", ["text", [1], {}, {"counts": {}, "orphans": [{}]}, None])
def test_an_answer_of_another_program_is_reported(server, content):
    server.answer = lambda _: Answer(200, content)

    result = orphans(server)

    assert (result.exit_code, "another program's answer" in result.stderr) == (2, True)


def test_a_service_that_fails_is_reported(server):
    server.answer = lambda _: Answer(503)

    result = orphans(server)

    assert (result.exit_code, "answers 503" in result.stderr) == (2, True)


@pytest.mark.parametrize("limit", ["0", "10001", "x"])
def test_a_wrong_limit_is_refused(server, limit):
    assert orphans(server, "--limit", limit).exit_code == 2
