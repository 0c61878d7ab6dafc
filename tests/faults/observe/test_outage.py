"""The checks during an outage detect what they are meant to detect."""

import os
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest

from tests.faults.environment import NotPossibleError
from tests.faults.observe.measurements import Measurements
from tests.faults.observe.outage import ServiceMonitor
from tests.faults.observe.service_client import request
from tests.faults.report.table import cells
from tests.faults.scenario import Row, Scenario, play
from tests.waiting import eventually


class Service:
    """A service that answers with `status` and counts its requests."""

    def __init__(self, port):
        self.name, self.url, self.pid = "intake-1", f"http://127.0.0.1:{port}", os.getpid()
        self.status, self.requests = 200, 0

    def log(self):
        return ""

    def wait_for_requests(self, number=1):
        target = self.requests + number
        eventually(lambda: self.requests >= target)


@pytest.fixture
def service():
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            fake.requests += 1
            self.send_response(fake.status)
            self.send_header("retry-after", "5")
            self.end_headers()
            self.wfile.write(b'{"waiting_for": []}')

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        fake = Service(server.server_port)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield fake
        server.shutdown()


@pytest.fixture
def run(service):
    run = SimpleNamespace(processes={"intake": [service]}, measured=Measurements())
    run.measure = run.measured.notes.append
    run.expect = lambda holds, otherwise: holds or run.measured.complaints.append(otherwise)
    return run


def test_a_healthy_service_is_no_complaint_and_its_memory_is_measured(run, service):
    with ServiceMonitor(run, limit_megabytes=10_000):
        service.wait_for_requests(2)

    assert run.measured.complaints == []
    assert run.measured.notes[0].startswith("at most")


def test_a_service_that_stops_answering_is_a_complaint(run, service):
    with ServiceMonitor(run, limit_megabytes=10_000):
        service.wait_for_requests()
        service.status = 500
        service.wait_for_requests(5)

    assert run.measured.complaints == ["intake-1 did not answer /livez"]


def test_a_service_above_the_memory_limit_is_a_complaint(run, service):
    with ServiceMonitor(run, limit_megabytes=1):
        service.wait_for_requests(2)

    assert run.measured.complaints[0].startswith("intake-1 used")


def test_a_service_that_exits_and_is_restarted_is_a_complaint(run, service):
    with ServiceMonitor(run, limit_megabytes=10_000):
        service.wait_for_requests(2)
        service.pid = os.getppid()
        service.wait_for_requests(2)

    assert run.measured.complaints[0].startswith("intake-1 exited by itself")


def test_header_names_are_case_insensitive(service):
    assert request(service.url, "/livez")[1].get("Retry-After") == "5"


def test_a_scenario_without_its_environment_is_not_run_and_not_a_success():
    @contextmanager
    def impossible(_folder):
        msg = "no small disk: mounting fails"
        raise NotPossibleError(msg)
        yield

    row = Row("full disk")
    play(Scenario("full disk", lambda _run: None, impossible), row)

    assert (row.rounds, row.state, row.is_good) == (0, "not run", False)
    assert cells(row)[0] == "full disk (not run)"
    assert cells(row)[-1] == "not run: no small disk: mounting fails"
