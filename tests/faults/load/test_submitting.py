"""The load: what counts as accepted, and that a client insists under the same key."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.faults.load.ledger import Ledger
from tests.faults.load.plan import Planned
from tests.faults.load.submitting import Submitter


class Intake(ThreadingHTTPServer):
    """Answers as it is told, then with 202; keeps what it was asked."""

    def __init__(self, answers):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = list(answers)
        self.asked = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.command, self.headers["Idempotency-Key"], body))
        status = self.server.answers.pop(0) if self.server.answers else 202
        if status == 0:
            self.close_connection = True
            return
        version = 1 + sum(each[0] == "PUT" for each in self.server.asked)
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

    def start(*answers):
        server = Intake(answers)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        servers.append((server, thread))
        return server

    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


def submitted(server, planned):
    ledger = Ledger()
    load = Submitter(lambda: [server.url], ledger, [planned], per_second=1000, clients=1)
    load.start()
    load.join(30)
    return ledger


def numbers(ledger):
    return [each.version.number for each in ledger.accepted]


def test_each_version_is_noted_once_it_was_answered_with_202(intake):
    ledger = submitted(intake(), Planned(0, "recognition", amendments=2))

    assert numbers(ledger) == [1, 2, 3]
    assert ledger.wanted("recognition") == 3
    assert ledger.refusals == []


@pytest.mark.parametrize("failure", [503, 409, 429, 0], ids=["503", "409", "429", "no answer"])
def test_a_client_that_is_not_answered_with_202_insists_with_key_and_body_unchanged(
    intake, failure
):
    server = intake(failure, failure)

    ledger = submitted(server, Planned(0, "new-technology", amendments=0))

    assert numbers(ledger) == [1]
    assert len(server.asked) == 3
    assert len(set(server.asked)) == 1


def test_a_refusal_of_what_nothing_is_wrong_with_is_told_and_not_noted_as_accepted(intake):
    ledger = submitted(intake(422), Planned(0, "new-technology", amendments=0))

    assert ledger.accepted == []
    assert "422" in ledger.refusals[0]
