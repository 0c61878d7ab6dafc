"""What metrics cost: the service with and without them, and scrapes while it works at its limit."""

import re
import threading
import time
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection, HTTPException
from typing import Any, Final, Self

from bench.harness.contender import ELIGIBILITY, Contender
from bench.harness.dataset import DataSet
from bench.harness.percentiles import percentile
from bench.harness.plan import Plan
from bench.harness.resources import ELIGIBILITY_RESOURCES
from bench.harness.run import Workload, run_contender
from bench.harness.stack import open_stack
from bench.parts.pipeline import measure_rounds, summarize
from bench.report.results import MetricsFigures, ScrapeFigures
from devstack.stack.ports import LOCALHOST, free_ports

_EVERY_SECONDS: Final = 0.2  # Prometheus asks every 5 s
_LONGER: Final = 4  # so that there are enough scrapes
_TIMEOUT_SECONDS: Final = 10.0
_SCRAPES_AT_LEAST: Final = 2
_HANDLED: Final = re.compile(r"^cppp_batch_size_sum\{.*\} (\S+)$", re.MULTILINE)


UNMETERED: Final = Contender("ours-without-metrics", "ours", "the same, counting nothing")


def measure(plan: Plan) -> MetricsFigures:
    """Measure the eligibility service with and without metrics in turn; then scrape it."""
    contenders = (ELIGIBILITY, UNMETERED)
    rounds = measure_rounds(contenders, plan)
    metered, unmetered = (summarize(each, rounds[each.name]) for each in contenders)
    return MetricsFigures(metered=metered, unmetered=unmetered, scrapes=measure_scrapes(plan))


def measure_scrapes(plan: Plan) -> ScrapeFigures:
    """Measure scrapes of the eligibility service while it reads a backlog."""
    data_set = DataSet(ELIGIBILITY_RESOURCES.topic, _LONGER * plan.events)
    scraper = Scraper(free_ports(["http"])["http"])
    contender = replace(ELIGIBILITY, settings={"HTTP_PORT": str(scraper.port)})
    with open_stack() as stack:
        stack.publish_data_set(data_set)
        with scraper:
            run_contender(stack, contender, Workload(data_set, ELIGIBILITY_RESOURCES))
    return figures(scraper.busy_ms)


def figures(milliseconds: list[float]) -> ScrapeFigures:
    """Summarize the scrapes, if there were at least two."""
    ordered = sorted(round(each, 1) for each in milliseconds)
    if len(ordered) < _SCRAPES_AT_LEAST:
        return ScrapeFigures(samples_ms=ordered)
    return ScrapeFigures(
        p50_ms=percentile(ordered, 50),
        p95_ms=percentile(ordered, 95),
        longest_ms=ordered[-1],
        samples_ms=ordered,
    )


@dataclass(slots=True)
class Scraper:
    """Scrapes a service in the background; `busy_ms` is how long it took while events flowed."""

    port: int
    busy_ms: list[float] = field(default_factory=list)
    _handled: float = 0.0
    _done: threading.Event = field(default_factory=threading.Event)
    _thread: Any = None

    def __enter__(self) -> Self:
        """Begin."""
        self._thread = threading.Thread(target=self._scrape_all, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        self._done.set()
        self._thread.join()

    def _scrape_all(self) -> None:
        # As Prometheus does: one connection for all scrapes.
        connection = HTTPConnection(LOCALHOST, self.port, timeout=_TIMEOUT_SECONDS)
        while not self._done.wait(_EVERY_SECONDS):
            started = time.perf_counter()
            text = _metrics(connection)
            taken_ms = (time.perf_counter() - started) * 1000
            if text is None:  # while the service works, no answer is a very slow one
                if self._handled and not self._done.is_set():
                    self.busy_ms.append(taken_ms)
                continue
            found = _HANDLED.search(text)
            handled = float(found[1]) if found else 0.0
            if self._handled and handled > self._handled:
                self.busy_ms.append(taken_ms)
            self._handled = handled
        connection.close()


def _metrics(connection: HTTPConnection) -> str | None:
    """Return the metrics, or None if the service does not answer."""
    try:
        connection.request("GET", "/metrics")
        return connection.getresponse().read().decode()
    except (OSError, HTTPException):
        connection.close()  # the next request opens it again
        return None
