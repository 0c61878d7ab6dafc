"""A bulk request is a stream: read as it comes, answered as it is kept, cut off anywhere."""

import asyncio
import socket
from http import HTTPStatus
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.access.admission import RequestContext
from services.intake.access.authentication import Client
from services.intake.bulk import service
from services.intake.bulk.lines import Line, LineCutter, NamedSubmission, read_line
from services.intake.bulk.service import Bulk, BulkService
from services.intake.store.api_keys import Right
from shared.http.problems import Problem
from shared.http.rate_limit import RateLimit
from shared.metrics import Metrics
from tests.intake.bulk.lines import NDJSON, URL, answers_to, kinds, line, post
from tests.intake.cuttable_line import a_line_to
from tests.intake.fakes import FakeApplications, submission_service
from tests.intake.http import api_key
from tests.intake.running import WITHOUT_KAFKA, running_intake
from tests.intake.submissions import body
from tests.waiting import DEADLINE_SECONDS, eventually, eventually_async

CHUNKS = st.lists(st.binary(max_size=30) | st.just(b"\n"), max_size=20)


@pytest.fixture(scope="module")
def key(intake):
    return api_key(intake, "bulk")[1]


@given(CHUNKS)
def test_however_a_stream_is_cut_into_chunks_its_lines_are_the_same(chunks):
    cutter, whole = LineCutter(40), b"".join(chunks)

    cut = [each for chunk in chunks for each in cutter.lines(chunk)] + list(cutter.last())

    expected = whole.split(b"\n")
    if not expected[-1]:
        expected.pop()
    assert [each.number for each in cut] == list(range(1, len(expected) + 1))
    assert [each.text for each in cut] == [each if len(each) <= 40 else None for each in expected]


@given(st.binary() | st.binary().map(lambda some: b'{"idempotency_key":"a","submission":' + some))
def test_whatever_a_line_holds_it_is_read_or_answered_by_a_problem(text):
    try:
        read = read_line(Line(1, text), 1_000)
    except Problem as problem:
        read = problem
    assert isinstance(read, NamedSubmission | Problem)


def opened(intake, key, declared: str) -> socket.socket:
    url = urlsplit(intake.url)
    connection = socket.create_connection((url.hostname, url.port), timeout=DEADLINE_SECONDS)
    connection.sendall(
        f"POST {URL} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\n"
        f"Authorization: {key['Authorization']}\r\n{declared}\r\n\r\n".encode()
    )
    return connection


def chunk(content: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(content), content)


def test_a_line_is_answered_before_the_next_is_sent(intake, key):
    with opened(intake, key, "Transfer-Encoding: chunked") as connection:
        for number in (1, 2, 3):
            connection.sendall(chunk(line() + b"\n"))
            received = b""
            while b'"received_at"' not in received:
                received += connection.recv(65_536)
            assert b'"line":%d,' % number in received
        connection.sendall(b"0\r\n\r\n")


def test_a_client_that_goes_away_leaves_whole_lines_only(intake, client, key):
    before = intake.applications.count_documents({})
    lines = [line() for _ in range(7)]
    content = b"\n".join(lines)[:-1]
    with opened(intake, key, f"Content-Length: {len(content) + 100}") as connection:
        connection.sendall(content)
        answered = b""
        while answered.count(b'"received_at"') < 6:
            answered += connection.recv(65_536)

    eventually(lambda: 'reason="body-cut-off"' in client.get("/metrics").text)
    assert intake.applications.count_documents({}) == before + 6
    assert kinds(post(client, key, *lines)) == ["accepted"] * 7
    assert intake.applications.count_documents({}) == before + 7


@pytest.fixture
def behind_a_line(infra):
    """A service whose line to MongoDB can be cut, a key for it, and its waiting time is short."""
    with a_line_to(urlsplit(infra.mongodb_url).netloc) as mongodb:
        settings = WITHOUT_KAFKA | {
            "MONGODB_URL": f"mongodb://127.0.0.1:{mongodb.port}/?directConnection=true",
            "INTAKE_ACCEPT_SECONDS": "1",
            "INTAKE_KEY_CACHE_SECONDS": "600",
        }
        with running_intake(infra, **settings) as intake:
            yield intake, mongodb, api_key(intake, "bulk")[1]


@pytest.mark.timeout(120)
async def test_without_mongodb_the_remaining_lines_say_so_and_work_later(behind_a_line):
    intake, mongodb, key = behind_a_line
    lines = [line() for _ in range(1_000)]

    async def sent():
        yield b"\n".join(lines[:150]) + b"\n"
        await eventually_async(
            lambda: intake.applications.count_documents({}) == 150, in_thread=True
        )
        mongodb.cut()
        yield b"\n".join(lines[150:])

    async with intake.async_client() as client:
        answers = answers_to(await client.post(URL, content=sent(), headers=NDJSON | key))
        mongodb.connect()
        later = await again(client, key, lines)

    assert [each["idempotency_key"] for each in answers] == [
        each["idempotency_key"] for each in later
    ]
    accepted = [each for each in answers if each["status"] == HTTPStatus.ACCEPTED]
    # Of what was written at the moment of the cut nobody can be certain.
    assert len(accepted) <= 150
    assert all(later[each["line"] - 1] == each for each in accepted)
    for each in answers[150:]:
        assert each["status"] == HTTPStatus.SERVICE_UNAVAILABLE
        assert each["retry_after"] > 0
        assert "Send the line again" in each["problem"]["detail"]
    assert intake.applications.count_documents({}) == len(lines)


async def again(client, key, lines: list[bytes]) -> list[dict]:
    """Send lines until all are accepted."""

    async def send() -> list[dict]:
        answer = await client.post(URL, content=b"\n".join(lines), headers=NDJSON | key)
        return answers_to(answer) if answer.status_code == HTTPStatus.OK else []

    return await eventually_async(
        send, holds=lambda answers: {each["status"] for each in answers} == {HTTPStatus.ACCEPTED}
    )


async def test_who_takes_no_answers_is_cut_off_and_leaves_the_others_their_room(monkeypatch):
    monkeypatch.setattr(service, "_UNREAD_SECONDS", 0.01)
    applications = FakeApplications()
    applications.open.set()

    async def parts():
        yield [Line(1, b""), Line(2, line("a"))]
        for number in range(3, 100):
            yield [Line(number, line())]
        await asyncio.Event().wait()

    async def never(_answers: bytes) -> None:
        await asyncio.Event().wait()

    async with (
        submission_service(applications, Metrics("intake")) as submissions,
        asyncio.timeout(DEADLINE_SECONDS),
    ):
        bulk = BulkService(submissions, RateLimit(0), 10_000)
        assert not await Bulk(bulk, Client("c", frozenset({Right.BULK})), "").respond(
            parts(), never
        )

        for _ in range(10):
            await bulk.slots.acquire()
        assert bulk.slots.locked()
        assert await submissions.submit(body(), RequestContext(Client("c"), "a", ""))


def test_a_bulk_request_that_does_not_go_on_is_closed_and_what_was_sent_is_kept(infra):
    with running_intake(infra, HTTP_BODY_SECONDS="0.5", HTTP_HEADER_SECONDS="0.5") as intake:
        key = api_key(intake, "bulk")[1]
        with opened(intake, key, "Transfer-Encoding: chunked") as connection:
            connection.sendall(chunk(line() + b"\n" + line()[:50]))
            received = b""
            while part := connection.recv(65_536):
                received += part

        assert received.startswith(b"HTTP/1.1 200 ")
        assert b'"line":1,' in received
        assert b'"line":2,' not in received
        assert not received.endswith(b"0\r\n\r\n")  # it was not answered to its end
        assert intake.applications.count_documents({}) == 1


def test_a_bulk_request_may_take_any_time_while_the_service_is_the_slow_one(infra):
    settings = WITHOUT_KAFKA | {"HTTP_BODY_SECONDS": "0.5", "HTTP_HEADER_SECONDS": "0.5"}
    with running_intake(infra, INTAKE_KEY_PER_MINUTE="60", **settings) as intake:
        key = api_key(intake, "bulk")[1]
        lines = b"".join(line() + b"\n" for _ in range(63))  # those past 60 take a second each
        with intake.client() as client:
            answer = client.post(URL, content=lines, headers=NDJSON | key)

    assert [each["status"] for each in answers_to(answer)] == [HTTPStatus.ACCEPTED] * 63
