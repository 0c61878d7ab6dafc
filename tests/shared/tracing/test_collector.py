"""A collector that is away, slow or refuses delays nothing and does not fill the log."""

import logging
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from structlog.testing import capture_logs

from devstack.stack.ports import free_ports
from shared.tracing import current
from shared.tracing.setup import Tracing
from shared.tracing.span import Span, Times
from tests.waiting import eventually


@pytest.fixture
def collector():
    """A collector that answers with a status after a while."""
    answers = {"status": 503, "seconds": 0.0, "exports": 0}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            answers["exports"] += 1
            time.sleep(answers["seconds"])
            self.send_response(answers["status"])
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_arguments):
            """Be silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        answers["port"] = server.server_port
        yield answers
        server.shutdown()


@pytest.fixture
def traced(monkeypatch):
    """Switch tracing on with exports to a port."""
    started = []

    def start(port, **variables):
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "10")
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        started.append(Tracing("intake"))
        return started[-1]

    level = logging.getLogger("opentelemetry").level
    yield start
    for each in started:
        each.stop()
    logging.getLogger("opentelemetry").setLevel(level)


def report(count=1):
    for _ in range(count):
        span = Span("POST", "server", current.tracer.root(), None, Times(1, 2), {})
        current.tracer.report(span)


def seconds_of(work):
    started = time.monotonic()
    work()
    return time.monotonic() - started


def test_a_collector_that_is_away_delays_neither_the_work_nor_the_stop(traced):
    before = threading.active_count()
    tracing = traced(free_ports(["otlp"])["otlp"], OTEL_BSP_MAX_QUEUE_SIZE="600")

    assert seconds_of(lambda: report(5_000)) < 2  # more than are kept
    assert seconds_of(tracing.stop) < 4
    assert current.tracer is None
    eventually(lambda: threading.active_count() <= before)  # nothing goes on trying


def test_a_collector_that_is_slow_delays_neither_the_work_nor_the_stop(traced, collector):
    collector["seconds"] = 5.0
    tracing = traced(collector["port"])

    assert seconds_of(lambda: report(1_000)) < 2
    eventually(lambda: collector["exports"])
    assert seconds_of(tracing.stop) < 4


def test_a_collector_that_refuses_is_one_line_until_it_takes_spans_again(traced, collector):
    collector["status"] = 400
    with capture_logs() as logs:
        traced(collector["port"])
        for expected in (1, 2, 3):
            report()
            eventually(lambda expected=expected: collector["exports"] >= expected)
        collector["status"] = 200
        report()
        eventually(lambda: any(each["event"] == "tracing.recovered" for each in logs))

    events = [each["event"] for each in logs]
    assert events == ["tracing.started", "tracing.failing", "tracing.recovered"]


def test_what_is_left_is_exported_at_the_stop(traced, collector):
    collector["status"] = 200
    tracing = traced(collector["port"], OTEL_BSP_SCHEDULE_DELAY="60000")
    report()
    tracing.stop()

    assert collector["exports"] == 1


def test_the_service_is_named_unless_the_variables_name_it(monkeypatch):
    from shared.tracing.exporter import resource_of  # noqa: PLC0415  # reads the variables

    assert resource_of("intake").attributes["service.name"] == "intake"
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test")
    attributes = resource_of("intake").attributes
    assert attributes["service.name"] == "intake"
    assert attributes["deployment.environment.name"] == "test"
    monkeypatch.setenv("OTEL_SERVICE_NAME", "door")
    assert resource_of("intake").attributes["service.name"] == "door"
