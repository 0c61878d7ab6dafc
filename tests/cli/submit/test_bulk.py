"""`cppp submit` with the right `bulk`: the same outcome for each line, in few requests."""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from unittest.mock import ANY
from urllib.parse import urlsplit

import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.receipt_file import receipts_beside
from cli.submit.command import Options, submit_file
from cli.submit.outcomes import SubmissionError
from devstack.stack.program import PROJECT
from tests.cli.scripted_server import Answer, ReceivedRequest, scripted_server
from tests.cli.submit.bulk_server import NDJSON, accept, accepted, is_bulk, keys, results
from tests.intake.cuttable_line import a_line_to
from tests.intake.http import api_key
from tests.intake.running import WITHOUT_KAFKA, running_intake
from tests.intake.submissions import submission
from tests.waiting import eventually

IMPATIENTLY = Options(concurrency=1, give_up_after_seconds=0.5)
ONE_BY_ONE = "Submitting line by line"
KEY = "cppp_id_secret"


@pytest.fixture(scope="module")
def intake(infra):
    with running_intake(infra, **WITHOUT_KAFKA) as running:
        yield running


def key_with(intake, *rights: str) -> str:
    return api_key(intake, *rights)[1]["Authorization"].removeprefix("Bearer ")


@pytest.fixture(scope="module")
def key(intake):
    return key_with(intake, "bulk")


@pytest.fixture
def file(tmp_path):
    return write(tmp_path / "applications.ndjson", 450)


def write(path: Path, lines: int) -> Path:
    text = json.dumps(submission()).replace("Chan Tai Man", "Chan %d")
    path.write_text("".join(f"{text % number}\n" for number in range(lines)))
    return path


def receipts(file: Path) -> list[dict]:
    return [json.loads(line) for line in receipts_beside(file).read_text().splitlines()]


def command(file: Path, url: str, key: str):
    environment = {"COLUMNS": "150", "CPPP_API_KEY": key}
    return CliRunner().invoke(app, ["submit", str(file), "--intake-url", url], env=environment)


def requests(intake, route: str) -> float:
    with intake.client() as client:
        lines = client.get("/metrics").text.splitlines()
    wanted = f'cppp_http_requests_total{{method="POST",route="{route}"'
    return sum(float(each.split()[-1]) for each in lines if each.startswith(wanted))


def test_lines_are_sent_in_bulk_with_a_receipt_for_each(intake, key, file):
    before = requests(intake, "/v1/applications:batch")

    result = command(file, intake.url, key)

    ids = {each["line"]: each["application_id"] for each in receipts(file)}
    assert "Accepted 450, refused 0." in result.stderr
    assert ONE_BY_ONE not in result.stderr
    assert sorted(ids) == list(range(1, 451))
    assert intake.applications.count_documents({"_id": {"$in": list(ids.values())}}) == 450
    assert requests(intake, "/v1/applications:batch") - before <= 5
    assert requests(intake, "/v1/applications") == 0


def test_without_the_right_lines_go_one_by_one_which_is_said_once(intake, tmp_path):
    file = write(tmp_path / "few.ndjson", 20)
    without = key_with(intake)

    result = command(file, intake.url, without)
    without_key = command(write(tmp_path / "others.ndjson", 20), intake.url, "")

    for each in (result, without_key):
        assert each.exit_code == 0
        assert each.stderr.count(ONE_BY_ONE) == 1
        assert "--right bulk" in each.stderr


def test_in_bulk_a_line_is_the_same_application_as_alone(intake, tmp_path):
    file = write(tmp_path / "few.ndjson", 20)
    key_id, headers = api_key(intake)
    key = headers["Authorization"].removeprefix("Bearer ")
    submit_file(file, intake.url, key)
    alone = {each["line"]: each["application_id"] for each in receipts(file)}
    receipts_beside(file).unlink()
    intake.database["clients"].update_one({"_id": key_id}, {"$set": {"rights": ["bulk"]}})

    def is_in_bulk() -> bool:
        receipts_beside(file).unlink(missing_ok=True)
        return ONE_BY_ONE not in command(file, intake.url, key).stderr

    eventually(is_in_bulk, because="the right is not applied")
    assert {each["line"]: each["application_id"] for each in receipts(file)} == alone


BAD_LINES = (
    '{"application":{"a":1}',
    '{"application":{"b":1}',
    json.dumps(submission()),
    json.dumps(submission(application={"project": {"cost_cents": -5}})),
    "",
    "{not json",
    '{}},"x":{"a":1}',
    '{},"idempotency_key":"other"',
    '{},"submission":{}',
    "7",
    '"\\ud800"',
    '{"application":1,"application":2}',
    json.dumps(submission(contact={"name": "x" * 300_000})),
    "[" * 20_000,
    json.dumps(submission("verification")),
)


def problem_of(receipt):
    problem = receipt.get("problem")
    return problem and problem | {"correlation_id": ANY}  # that of a request, not of a line


def test_errors_are_reported_by_line_as_when_each_is_sent_alone(intake, key, tmp_path):
    outcomes = {}
    for name, used in {"bulk": key, "alone": key_with(intake)}.items():
        file = tmp_path / f"{name}.ndjson"
        file.write_text(json.dumps(submission()) + "\n" + "\n".join(BAD_LINES))
        assert command(file, intake.url, used).exit_code == 1
        outcomes[name] = {each["line"]: problem_of(each) for each in receipts(file)}

    assert outcomes["bulk"] == outcomes["alone"]
    # Receipts are written as results arrive, in any order.
    assert {line for line, problem in outcomes["bulk"].items() if not problem} == {1, 4, 16}
    assert len(outcomes["bulk"]) == 15


def test_a_connection_that_is_lost_within_a_request_doubles_and_loses_nothing(
    intake, key, tmp_path
):
    file = write(tmp_path / "a.ndjson", 2_000)
    before = intake.applications.count_documents({})
    cut_at = [250, 700, 1_500]

    with a_line_to(urlsplit(intake.url).netloc) as line:

        def cut(now) -> None:
            if cut_at and now.accepted >= cut_at[0]:
                cut_at.pop(0)
                line.cut()
                line.connect()

        report = submit_file(file, f"http://127.0.0.1:{line.port}", key, on_progress=cut)

    assert not cut_at
    assert (report.accepted, report.refused) == (2_000, 0)
    assert intake.applications.count_documents({}) - before == 2_000
    assert sorted(each["line"] for each in receipts(file)) == list(range(1, 2_001))


def test_after_a_kill_the_next_run_submits_the_rest(intake, key, tmp_path):
    file = write(tmp_path / "a.ndjson", 4_000)
    before = intake.applications.count_documents({})
    killed = subprocess.Popen(  # noqa: S603  # our own command line
        [sys.executable, "-m", "cli.main", "submit", file, "--intake-url", intake.url],
        cwd=PROJECT,
        env=os.environ | {"CPPP_API_KEY": key},
    )
    eventually(lambda: receipts_beside(file).exists() and len(receipts_beside(file).read_bytes()))
    killed.kill()
    killed.wait()
    done = receipts_beside(file).read_bytes().count(b"\n")

    report = submit_file(file, intake.url, key)

    assert 0 < done < 4_000
    assert (report.accepted, report.resumed) == (4_000, done)
    assert intake.applications.count_documents({}) - before == 4_000
    assert {each["line"] for each in receipts(file)} == set(range(1, 4_001))


@pytest.mark.parametrize("status", [429, 503])
def test_an_intake_that_asks_for_patience_gets_it(file, status):
    asked_at: list[float] = []

    def busy_at_first(asked: ReceivedRequest) -> Answer:
        if keys(asked):
            asked_at.append(time.monotonic())
        return accepted(asked) if len(asked_at) != 1 else Answer(status, {}, {"Retry-After": "1"})

    seen = []
    with scripted_server(busy_at_first) as server:
        report = submit_file(
            file, server.url, KEY, on_progress=seen.append, options=Options(concurrency=1)
        )

    assert report.accepted == 450
    assert asked_at[1] - asked_at[0] >= 1
    assert f"response {status}" in {each.waiting_for for each in seen}


def test_only_lines_without_an_outcome_are_sent_again_after_the_time_asked_for(file):
    tried: Counter[str] = Counter()
    asked_at: list[float] = []

    def judge(_line: int, key: str) -> dict:
        tried[key] += 1
        if tried[key] == 1 and len(tried) % 3 == 0:
            return {"status": 503, "problem": {"detail": "Later."}, "retry_after": 1}
        return accept(_line, key)

    def some_later(asked: ReceivedRequest) -> Answer:
        asked_at.append(time.monotonic())
        return results(asked, judge) if is_bulk(asked) else accepted(asked)

    with scripted_server(some_later) as server:
        report = submit_file(file, server.url, KEY, options=Options(concurrency=1))

    assert (report.accepted, report.refused) == (450, 0)
    assert Counter(tried.values()) == {1: 300, 2: 150}
    assert asked_at[2] - asked_at[1] >= 1


def test_a_response_that_ends_early_is_followed_by_a_request_for_the_rest(file):
    def only_ten(asked: ReceivedRequest) -> Answer:
        answer = accepted(asked)
        kept = (answer.text or "").splitlines(keepends=True)[:10]
        return Answer(answer.status, answer.content, answer.headers, "".join(kept) + "\n"[:0])

    def first_is_cut_off(asked: ReceivedRequest) -> Answer:
        bulk = [each for each in server.asked if keys(each)]
        return only_ten(asked) if len(bulk) == 1 else accepted(asked)

    with scripted_server(first_is_cut_off) as server:
        report = submit_file(file, server.url, KEY, options=Options(concurrency=1))

    sent = [keys(each) for each in server.asked if keys(each)]
    assert report.accepted == 450
    assert sent[1] == sent[0][10:]


def test_an_interrupted_run_goes_on_where_it_stopped(file):
    def fails_later(asked: ReceivedRequest) -> Answer:
        return accepted(asked) if len(server.asked) <= 2 else Answer(503)

    with scripted_server(fails_later) as server:
        with pytest.raises(SubmissionError, match="repeat the command"):
            submit_file(file, server.url, KEY, options=IMPATIENTLY)
        done = len(receipts(file))
        server.answer = accepted
        server.asked.clear()
        report = submit_file(file, server.url, KEY)

    sent = [key for each in server.asked for key in keys(each)]
    assert 0 < done <= 200
    assert (report.accepted, report.resumed) == (450, done)
    assert len(sent) == len(set(sent)) == 450 - done


def test_a_refused_api_key_ends_the_run_at_once(intake, file):
    result = command(file, intake.url, KEY)

    assert result.exit_code == 1
    assert "The API key is malformed, unknown or revoked." in " ".join(result.stderr.split())
    assert receipts_beside(file).read_text() == ""


def test_a_right_that_is_taken_away_meanwhile_ends_bulk_requests_only(file):
    def no_longer(asked: ReceivedRequest) -> Answer:
        bulk = sum(map(is_bulk, server.asked))
        denied = Answer(403, {"detail": "Not in bulk."})
        return denied if is_bulk(asked) and bulk > 2 else accepted(asked)

    with scripted_server(no_longer) as server:
        result = command(file, server.url, KEY)

    sent = [key for each in server.asked for key in keys(each) if not is_bulk(each)]
    assert "Accepted 450, refused 0." in result.stderr
    assert result.stderr.count(ONE_BY_ONE) == 1
    assert 200 < len(sent) < 450


def test_where_bodies_must_be_small_requests_get_smaller(file):
    def of_64_kilobytes(asked: ReceivedRequest) -> Answer:
        return accepted(asked) if len(asked.body) <= 65_536 else Answer(413)

    with scripted_server(of_64_kilobytes) as server:
        report = submit_file(file, server.url, KEY, options=Options(concurrency=1))

    assert report.accepted == 450
    in_bulk = [each for each in server.asked if is_bulk(each) and 0 < len(each.body) <= 65_536]
    assert in_bulk
    assert len(server.asked) < 450


@pytest.mark.parametrize("text", ["<html>", '{"line":1}', '{"line":1,"status":"x"}'])
def test_results_that_are_not_from_intake_are_named(file, text):
    def other(asked: ReceivedRequest) -> Answer:
        return Answer(200, text=f"{text}\n" if asked.body else "", headers=NDJSON)

    with (
        scripted_server(other) as server,
        pytest.raises(SubmissionError, match="not from intake"),
    ):
        submit_file(file, server.url, KEY, options=IMPATIENTLY)
