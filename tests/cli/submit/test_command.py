"""`cppp submit`: every line becomes one application, whatever happens meanwhile."""

import gzip
import json
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.receipt_file import receipts_beside
from cli.submit.command import Options, submit_file
from cli.submit.outcomes import SubmissionError
from tests.cli.scripted_server import Answer, ReceivedRequest, scripted_server
from tests.intake.running import running_intake
from tests.intake.submissions import submission
from tests.waiting import DEADLINE_SECONDS

IMPATIENTLY = Options(concurrency=1, give_up_after_seconds=0.5)


@pytest.fixture(scope="module")
def intake(infra):
    with running_intake(infra) as running:
        yield running


@pytest.fixture
def file(tmp_path):
    return write(tmp_path / "applications.ndjson", [submission() for _ in range(20)])


def write(path: Path, submissions) -> Path:
    path.write_text("".join(f"{json.dumps(each)}\n" for each in submissions))
    return path


def receipts(file: Path) -> list[dict]:
    return [json.loads(line) for line in receipts_beside(file).read_text().splitlines()]


def accepted(asked: ReceivedRequest) -> Answer:
    if asked.method == "GET":
        return Answer(200, {})
    if asked.path.endswith(":batch"):
        return Answer(403, {"detail": "No right to submit in bulk."})
    return Answer(202, {"application_id": f"id of {asked.headers['Idempotency-Key']}"})


def command(file: Path, url: str, *more: str):
    arguments = ["submit", str(file), "--intake-url", url, *more]
    return CliRunner().invoke(app, arguments, env={"COLUMNS": "150"})


def test_every_line_becomes_an_application_and_gets_its_receipt(intake, file):
    report = submit_file(file, intake.url)

    ids = {each["application_id"] for each in receipts(file)}
    assert (report.accepted, report.refused) == (20, 0)
    assert len(ids) == 20
    assert intake.applications.count_documents({"_id": {"$in": list(ids)}}) == 20


def test_repeated_lines_are_named_because_each_is_an_application_of_its_own(intake, tmp_path):
    one = submission()
    file = write(tmp_path / "repeated.ndjson", [one, submission(), one])

    result = command(file, intake.url)
    again = command(file, intake.url)

    for each in (result, again):
        assert "Repeated in the file: 1: line 3 (as line 1)." in each.stderr
        assert "Each line is an application of its own" in each.stderr
    assert "Accepted 3, refused 0." in result.stderr
    assert "Accepted 3 (3 of them by an earlier run), refused 0." in again.stderr


def test_a_repeat_submits_nothing_again(intake, file):
    submit_file(file, intake.url)
    before = intake.applications.count_documents({})

    report = submit_file(file, intake.url)

    assert (report.accepted, report.resumed) == (20, 20)
    assert intake.applications.count_documents({}) == before


def test_a_repeat_without_receipts_makes_no_second_application(intake, file):
    submit_file(file, intake.url)
    first = {each["line"]: each["application_id"] for each in receipts(file)}
    receipts_beside(file).unlink()

    submit_file(file, intake.url)

    assert {each["line"]: each["application_id"] for each in receipts(file)} == first


def test_errors_are_reported_by_line_and_the_other_lines_are_accepted(intake, tmp_path):
    file = tmp_path / "mixed.ndjson"
    bad_field = submission(application={"project": {"cost_cents": -5}})
    lines = [json.dumps(submission()), json.dumps(bad_field), "", "{not json", "\ufeff"]
    file.write_text("\n".join(lines))

    result = command(file, intake.url)

    assert result.exit_code == 1
    assert "Accepted 1, refused 2." in result.stderr
    assert "/application/project/cost_cents" in result.stderr
    assert {each["line"]: "problem" in each for each in receipts(file)} == {
        1: False,
        2: True,
        4: True,
    }


def test_a_corrected_line_is_accepted_by_the_next_run(intake, tmp_path):
    good = submission()
    file = write(tmp_path / "a.ndjson", [good, {"application": {}}])
    assert submit_file(file, intake.url).refused == 1

    write(file, [good, submission("verification")])
    report = submit_file(file, intake.url)

    assert (report.accepted, report.resumed, report.refused) == (2, 1, 0)


def test_an_interrupted_run_goes_on_where_it_stopped(file):
    def fails_later(asked: ReceivedRequest) -> Answer:
        return accepted(asked) if len(server.asked) <= 7 else Answer(503)

    with scripted_server(fails_later) as server:
        with pytest.raises(SubmissionError, match="repeat the command"):
            submit_file(file, server.url, options=IMPATIENTLY)
        done = len(receipts(file))
        server.answer = accepted
        server.asked.clear()
        report = submit_file(file, server.url)

    posts = [each for each in server.asked if each.method == "POST"]
    assert done == 7
    assert (report.accepted, report.resumed) == (20, 7)
    assert len(posts) == 13


def test_a_receipt_that_was_cut_off_counts_for_nothing(file):
    with scripted_server(accepted) as server:
        submit_file(file, server.url)
        text = receipts_beside(file).read_text()
        receipts_beside(file).write_text(text[:-20])
        report = submit_file(file, server.url)

    assert (report.accepted, report.resumed) == (20, 19)
    lines = receipts_beside(file).read_text().splitlines()
    assert len({json.loads(each)["line"] for each in lines}) == len(lines) == 20


def test_receipts_of_another_intake_are_set_aside(intake, file):
    with scripted_server(accepted) as other:
        submit_file(file, other.url)

    report = submit_file(file, intake.url)

    assert (report.accepted, report.resumed) == (20, 0)
    assert receipts_beside(file).with_name(receipts_beside(file).name + ".earlier").exists()


@pytest.mark.parametrize("status", [429, 503])
def test_an_intake_that_asks_for_patience_gets_it(file, status):
    asked_at: list[float] = []

    def busy_at_first(asked: ReceivedRequest) -> Answer:
        asked_at.append(time.monotonic())
        return accepted(asked) if len(asked_at) > 1 else Answer(status, {}, {"Retry-After": "1"})

    seen = []
    with scripted_server(busy_at_first) as server:
        report = submit_file(
            file, server.url, on_progress=seen.append, options=Options(concurrency=1)
        )

    assert report.accepted == 20
    assert asked_at[1] - asked_at[0] >= 1
    assert f"response {status}" in {each.waiting_for for each in seen}


def test_a_repeated_request_has_the_same_key_and_body(file):
    tried: Counter[tuple[str, bytes]] = Counter()

    def every_second_fails(asked: ReceivedRequest) -> Answer:
        tried[asked.headers["Idempotency-Key"], asked.body] += 1
        return accepted(asked) if len(server.asked) % 2 else Answer(502)

    with scripted_server(every_second_fails) as server:
        submit_file(file, server.url, options=Options(concurrency=2))

    assert len(tried) == 20
    assert tried.total() > 20


def test_an_intake_that_stays_down_is_reported_after_the_time_limit(file):
    result = command(file, "http://127.0.0.1:1", "--give-up-after", "0.3")

    assert result.exit_code == 1
    assert "was unavailable" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_refused_api_key_ends_the_run_at_once(intake, file, tmp_path):
    key = tmp_path / "key"
    key.write_text("cppp_unknown\n")

    result = command(file, intake.url, "--api-key-file", str(key))

    assert result.exit_code == 1
    assert "The API key is malformed, unknown or revoked." in " ".join(result.stderr.split())
    assert receipts_beside(file).read_text() == ""


def test_the_api_key_of_the_environment_is_sent(file, monkeypatch):
    monkeypatch.setenv("CPPP_API_KEY", "cppp_id_secret")
    with scripted_server(accepted) as server:
        command(file, server.url)

    assert {each.headers["Authorization"] for each in server.asked} == {"Bearer cppp_id_secret"}


def test_several_requests_are_in_flight_at_a_time_up_to_the_limit(file):
    running, most, lock = 0, 0, threading.Lock()
    all_are_in_flight = threading.Barrier(4, timeout=DEADLINE_SECONDS)

    def slow(asked: ReceivedRequest) -> Answer:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        all_are_in_flight.wait()
        with lock:
            running -= 1
        return accepted(asked)

    with scripted_server(slow) as server:
        report = submit_file(file, server.url, options=Options(concurrency=4))

    assert report.accepted == 20
    assert most == 4


def test_progress_reaches_the_end(file):
    seen = []
    with scripted_server(accepted) as server:
        submit_file(file, server.url, on_progress=seen.append)

    assert (seen[-1].lines, seen[-1].done, seen[-1].accepted) == (20, 20, 20)
    assert [each.done for each in seen] == sorted(each.done for each in seen)


def test_a_server_that_is_not_intake_is_reported(file):
    with scripted_server(lambda _: Answer(404, ["something else"])) as server:
        result = command(file, server.url)

    assert result.exit_code == 1
    assert "response is not from intake" in result.stderr


@pytest.mark.parametrize("url", ["nowhere", "ftp://example.org", "http://"])
def test_a_wrong_address_is_reported_before_anything_is_read(file, url):
    result = command(file, url)

    assert result.exit_code == 2
    assert "Must be an address of a service" in result.stderr


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (json.dumps({"a": [1]}, indent=2).encode(), "this is one JSON document over several lines"),
        (gzip.compress(b"{}\n", mtime=0), "this is gzip. Must be the file itself: unpack it first"),
        ('{"a": "光輝紡織有限公司"}\n'.encode("big5"), "this is Big5. Must be UTF-8"),
        ('{"a": "光辉纺织有限公司"}\n'.encode("gb18030"), "this is GB18030"),
        ('{"a": "光"}\n'.encode("utf-16"), "this is UTF-16"),
    ],
)
def test_a_file_that_is_not_ndjson_in_utf_8_is_told_once_and_nothing_is_sent(
    tmp_path, content, told
):
    file = tmp_path / "applications.ndjson"
    file.write_bytes(content)
    with scripted_server(accepted) as server:
        result = command(file, server.url)

    assert result.exit_code == 1
    assert result.stderr.count("this is") == 1
    assert f"applications.ndjson: {told}" in " ".join(result.stderr.split())
    assert not server.asked
    assert not receipts_beside(file).exists()


def test_a_file_with_a_byte_order_mark_is_taken(intake, tmp_path):
    file = tmp_path / "a.ndjson"
    file.write_text(f"\ufeff{json.dumps(submission())}\r\n\r\n", encoding="utf-8")

    assert submit_file(file, intake.url).accepted == 1


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_key_file_with_a_byte_order_mark_is_read_or_named(file, tmp_path, encoding):
    key = tmp_path / "key"
    key.write_text("cppp_id_secret\r\n", encoding=encoding)
    with scripted_server(accepted) as server:
        result = command(file, server.url, "--api-key-file", str(key))

    if encoding == "utf-16":
        assert "key: this is UTF-16" in " ".join(result.stderr.split())
        assert not server.asked
    else:
        assert {each.headers["Authorization"] for each in server.asked} == {"Bearer cppp_id_secret"}
