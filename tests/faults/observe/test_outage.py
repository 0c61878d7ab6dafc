"""What looks on during an outage: it has to see what it is there for."""

import os
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest

from devstack.waiting import wait_until
from tests.faults.environment import NotPossibleError
from tests.faults.observe.measured import Measured
from tests.faults.observe.outage import Watched, ask
from tests.faults.report.table import cells
from tests.faults.scenario import Row, Scenario, play

DEADLINE_SECONDS = 10


class Service:
    """A service that answers `status`, and counts how often it was asked."""

    def __init__(self, port):
        self.name, self.url, self.pid = "intake-1", f"http://127.0.0.1:{port}", os.getpid()
        self.status, self.asked = 200, 0

    def log(self):
        return ""

    def wait_until_asked(self, times=1):
        wanted = self.asked + times
        assert wait_until(lambda: self.asked >= wanted, DEADLINE_SECONDS)


@pytest.fixture
def service():
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            answering.asked += 1
            self.send_response(answering.status)
            self.send_header("retry-after", "5")
            self.end_headers()
            self.wfile.write(b'{"waiting_for": []}')

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        answering = Service(server.server_port)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield answering
        server.shutdown()


@pytest.fixture
def run(service):
    run = SimpleNamespace(processes={"intake": [service]}, measured=Measured())
    run.measure = run.measured.notes.append
    run.expect = lambda holds, otherwise: holds or run.measured.complaints.append(otherwise)
    return run


def test_a_service_that_lives_in_bounded_memory_is_no_complaint_but_its_memory_is_told(
    run, service
):
    with Watched(run, limit_megabytes=10_000):
        service.wait_until_asked(2)

    assert run.measured.complaints == []
    assert run.measured.notes[0].startswith("at most")


def test_a_service_that_does_not_answer_any_more_is_a_complaint(run, service):
    with Watched(run, limit_megabytes=10_000):
        service.wait_until_asked()
        service.status = 500
        service.wait_until_asked(5)

    assert run.measured.complaints == ["intake-1 did not answer /livez"]


def test_a_service_that_grows_beyond_the_limit_is_a_complaint(run, service):
    with Watched(run, limit_megabytes=1):
        service.wait_until_asked(2)

    assert run.measured.complaints[0].startswith("intake-1 grew to")


def test_a_service_that_ends_by_itself_and_is_started_again_is_a_complaint(run, service):
    with Watched(run, limit_megabytes=10_000):
        service.wait_until_asked(2)
        service.pid = os.getppid()
        service.wait_until_asked(2)

    assert run.measured.complaints[0].startswith("intake-1 ended by itself")


def test_headers_are_found_however_they_are_written(service):
    assert ask(service.url, "/livez")[1].get("Retry-After") == "5"


def test_a_scenario_without_its_ground_is_not_run_and_no_success():
    @contextmanager
    def nowhere(_folder):
        msg = "no small disk: mounting fails"
        raise NotPossibleError(msg)
        yield

    row = Row("full disk")
    play(Scenario("full disk", lambda _run: None, nowhere), row)

    assert (row.rounds, row.state, row.is_good) == (0, "not run", False)
    assert cells(row)[0] == "full disk (not run)"
    assert cells(row)[-1] == "not run: no small disk: mounting fails"
