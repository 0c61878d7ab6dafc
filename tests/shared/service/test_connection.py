"""What a client may take of a service: bytes of a head, and time. On a real server."""

import asyncio
import json
import time
from contextlib import asynccontextmanager
from http import HTTPStatus

import httpx
import pytest
from fastapi import APIRouter, Request, Response

from shared.metrics import Metrics
from shared.service.app import Service, create_app
from tests.raw_http import exchange, line_to
from tests.serving import served
from tests.waiting import DEADLINE_SECONDS, eventually

LIMIT = 65_536
GET = b"GET /livez HTTP/1.1\r\nHost: a\r\n"
SHORT = "0.4"
LONG = 3 * float(SHORT)


@asynccontextmanager
async def nothing(_app):
    yield


router = APIRouter()


@router.post("/read")
async def read(request: Request) -> dict[str, int]:
    return {"bytes": len(await request.body())}


@router.post("/headers")
async def headers(request: Request) -> list[str]:
    await request.body()
    return [name.decode() for name, _ in request.scope["headers"]]


@router.post("/slow")
async def slow(request: Request) -> dict[str, int]:
    received = 0
    async for chunk in request.stream():
        if not received:
            await asyncio.sleep(LONG)  # this service is slow, not the client
        received += len(chunk)
    return {"bytes": received}


@router.post("/late")
async def late() -> str:
    await asyncio.sleep(LONG)  # as above
    return "done"


class Echo(Response):
    """Sends a body back while it arrives."""

    async def __call__(self, scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"begun", "more_body": True})
        more = True
        while more:
            message = await receive()
            scope["app"].state.was_cut_off = message["type"] == "http.disconnect"
            more = message.get("more_body", False)
            body = message.get("body", b"")
            await send({"type": "http.response.body", "body": body, "more_body": more})


@router.post("/echo")
async def echo() -> Response:
    return Echo()


@router.post("/mirror")
async def mirror(request: Request) -> Response:
    return Response(await request.body())


@router.post("/unread")
async def unread() -> str:
    return "not read"


@pytest.fixture
def app():
    app = create_app(Service("sample", Metrics("sample")), nothing, [router])
    app.state.was_cut_off = False
    return app


@pytest.fixture
def url(app):
    with served(app) as url:
        yield url


@pytest.fixture
def hasty(app, monkeypatch):
    """A service whose clients have little time."""
    monkeypatch.setenv("HTTP_HEADER_SECONDS", SHORT)
    monkeypatch.setenv("HTTP_BODY_SECONDS", SHORT)
    with served(app) as url:
        yield url


def refused(answer, status: HTTPStatus, kind: str) -> dict:
    document = json.loads(answer.body)
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-length"] == str(len(answer.body))
    assert document["type"] == f"urn:cppp:problem:{kind}"
    assert document["status"] == status
    return document


def count(url: str, status: HTTPStatus) -> bool:
    line = (
        'cppp_http_requests_total{method="unknown",route="unknown",service="sample",'
        f'status="{int(status)}"}} 1.0'
    )
    return line in httpx.get(f"{url}/metrics", trust_env=False).text


def is_alive(url: str) -> bool:
    return (
        httpx.get(f"{url}/livez", trust_env=False, timeout=DEADLINE_SECONDS).status_code
        == HTTPStatus.OK
    )


# Bytes


@pytest.mark.parametrize(
    "head",
    [
        GET + b"x: " + b"y" * LIMIT + b"\r\n\r\n",
        GET + b"x: y\r\n" * (LIMIT // 6) + b"\r\n",
        GET + b"x" * LIMIT + b": y\r\n\r\n",
        GET + b"x: " + b"y" * LIMIT,  # and no end
        GET + b"x: " + b"y" * 3 * LIMIT,
        GET + b"x" * 3 * LIMIT,
        b"GET /" + b"a" * LIMIT + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /" + b"a" * 3 * LIMIT,
        b"\r\n" * 2 * LIMIT,
    ],
    ids=[
        "value",
        "many",
        "name",
        "no-end",
        "much-no-end",
        "name-no-end",
        "path",
        "path-no-end",
        "empty-lines",
    ],
)
def test_a_head_past_the_limit_is_refused(url, head):
    answer = exchange(url, head)

    document = refused(answer, HTTPStatus(431), "request-header-fields-too-large")
    assert document["limit_bytes"] == LIMIT
    assert answer.headers["connection"] == "close"
    assert is_alive(url)


def test_a_refused_head_is_counted_and_its_connection_closed(url):
    with line_to(url) as line:
        line.send(GET + b"x: " + b"y" * 2 * LIMIT)
        assert line.answer().status == 431
        assert line.rest() == b""
    assert count(url, HTTPStatus(431))


def test_a_client_that_goes_on_sending_sees_the_refusal_all_the_same(url):
    with line_to(url) as line:
        for _ in range(64):
            line.send(b"GET /" + b"a" * LIMIT if _ == 0 else b"a" * LIMIT)
        assert line.answer().status == 431


def test_a_head_within_the_limit_is_accepted_in_whatever_pieces_it_comes(url):
    with line_to(url) as line:
        for cut in (1_000, 30_000, 64_000):
            head = GET + b"x: " + b"y" * 64_000 + b"\r\n\r\n"
            line.send(head[:cut])
            line.send(head[cut:])
            assert line.answer().status == HTTPStatus.OK


def test_the_limit_of_a_head_is_a_setting(app, monkeypatch):
    monkeypatch.setenv("HTTP_MAX_HEADER_BYTES", "2000")
    with served(app) as url:
        assert exchange(url, GET + b"x: " + b"y" * 2_000 + b"\r\n\r\n").status == 431
        assert exchange(url, GET + b"x: " + b"y" * 1_000 + b"\r\n\r\n").status == HTTPStatus.OK


def test_a_large_body_does_not_count_as_head(url):
    body = b"y" * 10 * LIMIT
    head = b"POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(body)
    with line_to(url) as line:
        for _ in range(3):
            line.send(head + body)
            assert json.loads(line.answer().body) == {"bytes": len(body)}


CHUNKED = b" HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "trailers",
    [
        b"x: y\r\n" * LIMIT + b"\r\n",
        b"x: " + b"y" * 4 * LIMIT,
    ],
)
def test_trailers_past_the_limit_are_refused(url, trailers):
    answer = exchange(url, b"POST /read" + CHUNKED + b"3\r\nabc\r\n0\r\n" + trailers)

    assert answer.status == 431


def test_a_trailer_does_not_pass_for_a_header(url):
    sent = b"POST /headers" + CHUNKED + b"3\r\nabc\r\n0\r\nAuthorization: Bearer x\r\n\r\n"

    assert json.loads(exchange(url, sent).body) == ["host", "transfer-encoding"]


@pytest.mark.parametrize("sent", [b"hello\r\n\r\n", b"GET /livez HTTP/1.1\r\nHost a\r\n\r\n"])
def test_what_is_no_http_is_refused_by_a_problem(url, sent):
    answer = exchange(url, sent)

    refused(answer, HTTPStatus.BAD_REQUEST, "malformed-request")
    assert count(url, HTTPStatus.BAD_REQUEST)


# Host


@pytest.mark.parametrize(
    "hosts",
    [
        b"",
        b"Host: a\r\nHost: a\r\n",
        b"Host: a\r\nhost: b\r\n",
        b"Host: \r\n",
        b"Host: a, b\r\n",
        b"Host: a/b\r\n",
        b"Host: a b\r\n",
        b"Host: user@a\r\n",
        b"Host: a:port\r\n",
        b"Host: http://a\r\n",
        b"Host: \xe4\xbe\x8b\r\n",
    ],
)
@pytest.mark.parametrize("path", [b"/livez", b"/nowhere"])
def test_a_request_must_have_one_host(url, hosts, path):
    answer = exchange(url, b"GET %b HTTP/1.1\r\n%b\r\n" % (path, hosts))

    refused(answer, HTTPStatus.BAD_REQUEST, "host-invalid")
    assert count(url, HTTPStatus.BAD_REQUEST)


@pytest.mark.parametrize(
    "host", [b"a", b"a:8001", b"a_b.example:", b"127.0.0.1:80", b"[::1]:8001", b"[::1]"]
)
def test_every_form_of_a_host_is_accepted(url, host):
    assert exchange(url, b"GET /livez HTTP/1.1\r\nHost: %b\r\n\r\n" % host).status == HTTPStatus.OK


def test_http_1_0_knows_no_host(url):
    assert exchange(url, b"GET /livez HTTP/1.0\r\n\r\n").status == HTTPStatus.OK
    assert exchange(url, b"GET /livez HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n").status == 400


def test_the_connection_goes_on_after_a_request_without_host(url):
    with line_to(url) as line:
        line.send(b"POST /read HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc")
        assert line.answer().status == HTTPStatus.BAD_REQUEST
        line.send(GET + b"\r\n")
        assert line.answer().status == HTTPStatus.OK


# Time


@pytest.mark.parametrize("sent", [b"G", b"GET /livez HTTP/1.1\r\n", GET + b"x: y"])
def test_a_head_that_is_not_complete_in_time_is_refused(hasty, sent):
    with line_to(hasty) as line:
        line.send(sent)
        assert is_alive(hasty)
        answer = line.answer()
        assert line.rest() == b""

    refused(answer, HTTPStatus.REQUEST_TIMEOUT, "request-timeout")
    assert answer.headers["connection"] == "close"
    assert count(hasty, HTTPStatus.REQUEST_TIMEOUT)


def test_a_head_that_drips_is_refused_all_the_same(hasty):
    with line_to(hasty) as line:
        line.socket.settimeout(float(SHORT) / 10)
        received = b""
        for drop in GET + b"x: " + b"y" * 200:
            line.send(bytes([drop]))
            try:
                received = line.socket.recv(65_536)
                break
            except TimeoutError:
                continue
    assert received.startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize("sent", [b"", b"\r\n", GET + b"\r\n"])
def test_a_connection_without_a_request_is_closed_without_a_word(hasty, sent):
    with line_to(hasty) as line:
        line.send(sent)
        if sent.startswith(b"GET"):
            assert line.answer().status == HTTPStatus.OK
            line.send(b"\r\n")  # ends the server's own timer of an idle connection
        assert line.rest() == b""


def test_the_next_head_on_a_connection_has_its_own_time(hasty):
    with line_to(hasty) as line:
        line.send(GET + b"\r\n")
        assert line.answer().status == HTTPStatus.OK
        line.send(GET)
        assert line.answer().status == HTTPStatus.REQUEST_TIMEOUT


@pytest.mark.parametrize(
    "sent",
    [
        b"POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n",
        b"POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc",
        b"POST /read" + CHUNKED,
        b"POST /read" + CHUNKED + b"3\r\nabc\r\n",
        b"POST /read" + CHUNKED + b"3\r\nabc\r\n0\r\n",
    ],
)
def test_a_body_that_does_not_go_on_is_refused(hasty, sent):
    with line_to(hasty) as line:
        line.send(sent)
        answer = line.answer()
        assert line.rest() == b""

    document = refused(answer, HTTPStatus.REQUEST_TIMEOUT, "request-timeout")
    assert "body" in document["detail"]
    metrics = httpx.get(f"{hasty}/metrics", trust_env=False).text
    assert 'method="POST",route="/read",service="sample",status="408"} 1.0' in metrics


def test_a_body_has_its_own_time_however_late_the_head_came(app, monkeypatch):
    monkeypatch.setenv("HTTP_HEADER_SECONDS", str(2 * DEADLINE_SECONDS))
    monkeypatch.setenv("HTTP_BODY_SECONDS", SHORT)
    with served(app) as url, line_to(url) as line:
        line.socket.settimeout(LONG)  # longer than a body may pause
        with pytest.raises(TimeoutError):
            line.receive()
        line.socket.settimeout(DEADLINE_SECONDS)
        line.send(b"POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
        assert line.answer().status == HTTPStatus.REQUEST_TIMEOUT


def test_bytes_that_are_no_body_do_not_hold_a_connection(hasty):
    with line_to(hasty) as line:
        line.socket.settimeout(float(SHORT) / 10)
        line.send(b"POST /read" + CHUNKED + b"3;")
        received = b""
        for _ in range(200):
            line.send(b"x")
            try:
                received = line.socket.recv(65_536)
                break
            except TimeoutError:
                continue
    assert received.startswith(b"HTTP/1.1 408 ")


def test_a_body_may_take_any_time_if_it_goes_on(app, monkeypatch):
    monkeypatch.setenv("HTTP_BODY_SECONDS", "2")  # a client on a busy machine pauses, too
    with served(app) as url, line_to(url) as line:
        line.send(b"POST /echo" + CHUNKED)
        assert line.answer().status == HTTPStatus.OK
        begun = time.monotonic()
        while time.monotonic() < begun + 3:
            time.sleep(0.1)  # the pace of the client
            line.send(b"1\r\nx\r\n")
            received = line.received
            while line.received == received:
                line.receive()
        line.send(b"0\r\n\r\n")
        while not line.received.endswith(b"\r\n0\r\n\r\n"):
            line.receive()


def test_the_time_that_the_service_takes_is_not_the_clients(hasty):
    with line_to(hasty) as line:
        line.send(b"POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc")
        line.send(b"def")
        assert json.loads(line.answer().body) == {"bytes": 6}
        line.send(b"POST /late HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
        assert json.loads(line.answer().body) == "done"


def test_half_of_the_next_head_does_not_end_a_response(hasty):
    with line_to(hasty) as line:
        line.send(b"POST /late HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n" + GET)
        assert json.loads(line.answer().body) == "done"
        assert line.answer().status == HTTPStatus.REQUEST_TIMEOUT


def test_a_response_that_has_begun_is_cut_off_and_nothing_else_is_put_into_it(hasty, app):
    with line_to(hasty) as line:
        line.send(b"POST /echo" + CHUNKED + b"3\r\nabc\r\n")
        assert line.answer().status == HTTPStatus.OK
        received = line.rest()

    assert b"begun" in received
    assert b"abc" in received
    assert b"HTTP/1.1" not in received
    assert not received.endswith(b"0\r\n\r\n")
    assert eventually(lambda: app.state.was_cut_off)


def test_a_body_that_nobody_reads_does_not_hold_a_connection(hasty):
    with line_to(hasty) as line:
        line.send(b"POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nabc")
        assert json.loads(line.answer().body) == "not read"
        line.send(b"def")
        assert line.rest() == b""


def test_a_malformed_body_is_refused_while_the_application_reads_it(url):
    with line_to(url) as line:
        line.send(b"POST /read" + CHUNKED + b"3\r\nabc\r\n")
        line.send(b"zzz\r\n")
        refused(line.answer(), HTTPStatus.BAD_REQUEST, "malformed-request")
        assert line.rest() == b""


def test_many_slow_clients_do_not_hold_the_others(url):
    lines = [line_to(url) for _ in range(300)]
    try:
        for number, line in enumerate(lines):
            line.send((GET, b"POST /read" + CHUNKED)[number % 2])
        assert all(is_alive(url) for _ in range(20))
    finally:
        for line in lines:
            line.socket.close()


def test_requests_in_one_piece_are_answered_in_order(url):
    body = b"POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%b"
    with line_to(url) as line:
        line.send(b"".join(body % (n, b"x" * n) for n in range(1, 6)))
        assert [json.loads(line.answer().body)["bytes"] for _ in range(5)] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("body", [b"abc", b"a\r\nUpgrade: b", b"a\r\n\r\n\r\nupgrade: b"])
@pytest.mark.parametrize("name", [b"Upgrade", b"upgrade"])
def test_an_offer_of_another_protocol_is_passed_over(url, name, body):
    """As Java's client sends it with its first request."""
    offer = b"Connection: Upgrade, HTTP2-Settings\r\n%b: h2c\r\nHTTP2-Settings: AAEA\r\n" % name
    length = b"Content-Length: %d\r\n\r\n" % len(body)
    with line_to(url) as line:
        for cut in (0, 30, 200, 10_000):
            sent = b"POST /mirror HTTP/1.1\r\nHost: a\r\n" + offer + length + body
            line.send(sent[:cut])
            line.send(sent[cut:])
            assert line.answer().body == body
