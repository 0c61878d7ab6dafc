"""The load: what counts as accepted, and that a client retries under the same key."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.faults.load.ledger import Ledger
from tests.faults.load.plan import Planned
from tests.faults.load.submitter import Submitter
from tests.waiting import DEADLINE_SECONDS


class Intake(ThreadingHTTPServer):
    """Answers with the given statuses, then with 202; records the requests."""

    def __init__(self, statuses):
        super().__init__(("127.0.0.1", 0), Handler)
        self.statuses = list(statuses)
        self.requests = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((self.command, self.headers["Idempotency-Key"], body))
        status = self.server.statuses.pop(0) if self.server.statuses else 202
        if status == 0:
            self.close_connection = True
            return
        version = 1 + sum(each[0] == "PUT" for each in self.server.requests)
        answer = json.dumps({"application_id": "a", "version": version}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_PUT = do_POST  # noqa: N815 - the library's name

    def log_message(self, *_):
        pass


@pytest.fixture
def intake():
    servers = []

    def start(*statuses):
        server = Intake(statuses)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        servers.append((server, thread))
        return server

    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


def submit(server, planned):
    ledger = Ledger()
    load = Submitter(lambda: [server.url], ledger, [planned], per_second=1000, clients=1)
    load.start()
    load.join(DEADLINE_SECONDS)
    return ledger


def numbers(ledger):
    return [each.version.number for each in ledger.accepted]


def test_each_version_is_recorded_when_it_is_answered_with_202(intake):
    ledger = submit(intake(), Planned(0, "recognition", amendments=2))

    assert numbers(ledger) == [1, 2, 3]
    assert {each.service for each in ledger.accepted} == {"recognition"}
    assert ledger.errors == []


@pytest.mark.parametrize("failure", [503, 409, 429, 0], ids=["503", "409", "429", "no response"])
def test_a_client_retries_with_the_same_key_and_body_until_it_gets_202(intake, failure):
    server = intake(failure, failure)

    ledger = submit(server, Planned(0, "new-technology", amendments=0))

    assert numbers(ledger) == [1]
    assert len(server.requests) == 3
    assert len(set(server.requests)) == 1


def test_a_refused_application_is_an_error_and_is_not_recorded_as_accepted(intake):
    ledger = submit(intake(422), Planned(0, "new-technology", amendments=0))

    assert ledger.accepted == []
    assert "422" in ledger.errors[0]
