"""What metrics cost: the variant without them, and the scrapes."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import count

import pytest

from bench.harness.contender import SERVICES_ENVIRONMENT
from bench.parts.metrics import UNMETERED, Scraper, figures
from bench.report.results import MetricsFigures, PipelineFigures, Results, ScrapeFigures
from bench.report.tables import metrics_table
from tests.waiting import eventually


@pytest.fixture
def busy_service():
    """A server whose counter of handled events grows with every third scrape."""
    numbers = count()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            handled = 1 + next(numbers) // 3
            self.send_response(200)
            self.end_headers()
            self.wfile.write(f'cppp_batch_size_sum{{service="eligibility"}} {handled}\n'.encode())

        def log_message(self, *_arguments):
            """Be silent."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_only_scrapes_of_a_service_at_work_count(busy_service):
    with Scraper(busy_service) as scraper:
        eventually(lambda: len(scraper.busy_ms) == 2)

    assert all(0 < each < 10_000 for each in scraper.busy_ms)


def test_a_service_that_is_not_there_is_no_scrape():
    assert figures([]) == ScrapeFigures()
    assert figures([2.0, 4.0]).p50_ms == 3.0
    assert figures([2.0, 4.0]).longest_ms == 4.0


def test_the_service_without_metrics_runs_in_the_same_environment():
    python, script = UNMETERED.command

    assert SERVICES_ENVIRONMENT in python
    assert script.endswith("bench/contenders/ours-without-metrics/main.py")


def test_the_table_has_both_and_the_scrapes(results: Results):
    lines = metrics_table(results).replace("\N{EN DASH}", "-").splitlines()

    assert lines[2] == "| with all metrics, as it ships | 100 | 20.0 |"
    assert lines[3] == "| without any: not run: too slow | - | - |"
    assert lines[4] == "| a scrape meanwhile: median / p95 / longest | 2.0 / 3.0 / 4.0 ms | - |"


@pytest.fixture
def results():
    metrics = MetricsFigures(
        metered=PipelineFigures(what="", events_per_second=100, cpu_us_per_event=20),
        unmetered=PipelineFigures(what="", not_run="too slow"),
        scrapes=ScrapeFigures(p50_ms=2, p95_ms=3, longest_ms=4),
    )
    return Results.model_validate(
        {
            "plan": "quick",
            "measured_at": "2026-11-30T00:00:00Z",
            "commit": "",
            "machine": {},
            "versions": {},
            "metrics": metrics,
        }
    )
