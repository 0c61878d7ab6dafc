import smtplib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench.parts.mail_sink import mail_sink
from bench.parts.requests import request, send_all


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


def test_every_request_is_answered_and_what_is_refused_is_counted(server):
    bodies = [b"take", b"refuse", b"take"] * 10
    answers = send_all(server.server_port, [request("/", each, {}) for each in bodies], 4)
    assert (len(answers.milliseconds), answers.failed) == (30, 10)
    assert min(answers.milliseconds) > 0


def test_refused_requests_are_not_among_those_of_a_second(server):
    answers = send_all(server.server_port, [request("/", b"refuse", {})] * 5, 1)
    assert answers.per_second == 0


def test_the_sink_counts_each_mail_once_and_for_whom_it_was():
    with mail_sink() as sink, smtplib.SMTP("127.0.0.1", sink.port) as client:
        for recipient in ("a@example.com", "b@example.com", "a@example.com"):
            client.sendmail("from@example.com", [recipient], "Subject: x\r\n\r\n.\r\n..\r\nend")
    assert len(sink.arrivals) == 3
    assert len(sink.times_for("a@example.com")) == 2
