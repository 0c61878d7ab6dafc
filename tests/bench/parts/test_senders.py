import smtplib
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench.parts.mail_sink import mail_sink
from bench.parts.requests import post_request, send_all
from tests.waiting import eventually


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(503 if body == b"refuse" else 202)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_every_request_is_answered_and_refusals_are_counted(server):
    bodies = [b"accept", b"refuse", b"accept"] * 10
    responses = send_all(server.server_port, [post_request("/", each, {}) for each in bodies], 4)
    assert (len(responses.milliseconds), responses.failed) == (30, 10)
    assert min(responses.milliseconds) > 0


def test_refused_requests_do_not_count_towards_the_rate(server):
    responses = send_all(server.server_port, [post_request("/", b"refuse", {})] * 5, 1)
    assert responses.per_second == 0


def test_the_sink_counts_every_mail_once_by_recipient():
    with mail_sink() as sink, smtplib.SMTP("127.0.0.1", sink.port) as client:
        for recipient in ("a@example.com", "b@example.com", "a@example.com"):
            client.sendmail("from@example.com", [recipient], "Subject: x\r\n\r\n.\r\n..\r\nend")
    assert len(sink.arrivals) == 3
    assert len(sink.arrival_times("a@example.com")) == 2


def test_a_slow_sink_accepts_each_mail_late_and_lets_other_connections_go_on():
    def spread_of_four() -> float:
        """Send four mails at once; return how long it took until the last of them had arrived."""
        with mail_sink(answer_seconds=0.3) as sink:
            began = time.monotonic()
            with ThreadPoolExecutor(4) as executor:
                list(executor.map(send_one, [sink.port] * 4))
            elapsed = time.monotonic() - began
        assert len(sink.arrivals) == 4
        spread = sink.arrivals[-1][0] - sink.arrivals[0][0]
        assert elapsed - spread >= 0.3, "each waits for its answer"
        return spread

    # If one waited for the answer of another it would always take three times as long.
    eventually(lambda: spread_of_four() < 0.3 * 3)


def send_one(port):
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.sendmail("from@example.com", ["to@example.com"], "Subject: x\r\n\r\nend")
