"""What a visitor sees of the site during a fault."""

import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Self

from devstack.testing.service_process import ServiceProcess
from tests.faults.load.editors import Editors
from tests.faults.observe.service_client import metric, request
from tests.faults.run import Run

_PAGES = ("/en", "/tc/programme", "/sc/toolbox", "/en/technologies", "/tc/technologies?q=VOC")
_LOOK_SECONDS = 0.1
_SLOW_SECONDS = 2.0


def shown_by(process: ServiceProcess, items: Iterable[str]) -> set[str]:
    """Return which of these items a process has a page of."""
    return {each for each in items if _status(process, f"/en/technologies/{each}") == 200}


def expect_shown(run: Run, editors: Editors) -> None:
    """Expect that every process soon shows what is published."""
    for each in run.processes["portal"]:
        run.expect_eventually(
            lambda process=each: shown_by(process, editors.published) == set(editors.published),
            f"{each.name} does not show all that is published",
        )


class SiteMonitor:
    """Opens pages all the time: one process must answer each, and none may show less than before.

    An item that a process has shown is shown by it until it is withdrawn. While a dependency is
    away, "as of" never moves beyond the moment at which it went.
    """

    def __init__(self, run: Run, editors: Editors) -> None:
        self._run, self._editors = run, editors
        self._opened = self._refused = 0
        self._slowest = 0.0
        self._missing: set[str] = set()
        self._seen: dict[tuple[str, int], set[str]] = {}
        self._away_since: float | None = None
        self._untrue: set[str] = set()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._visit, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        run = self._run
        run.expect(self._opened, "no page was opened")
        run.expect(not self._refused, f"{self._refused} of {self._opened} pages were not answered")
        run.expect(not self._missing, f"shown before and not any more: {sorted(self._missing)}")
        run.expect(not self._untrue, f'"as of" moved on during an outage: {self._untrue}')
        run.expect(self._slowest < _SLOW_SECONDS, f"a page took {self._slowest:.1f} s")
        run.measure(f"{self._opened} pages, the slowest in {self._slowest * 1000:.0f} ms")

    @contextmanager
    def outage(self) -> Iterator[None]:
        """Expect of every process that it states no later age than now, until the block ends."""
        self._away_since = time.time()
        yield
        self._away_since = None

    def expect_caught_up(self) -> None:
        """Expect that every process soon states that it shows all that is published now."""
        now = time.time()
        for each in self._run.processes["portal"]:
            self._run.expect_eventually(
                lambda process=each: _stated(process) >= now, f'{each.name}: "as of" stands still'
            )

    def _visit(self) -> None:
        while not self._done.wait(_LOOK_SECONDS):
            processes = self._run.processes["portal"]
            for page in _PAGES:
                self._open(processes, page)
            for each in processes:
                self._look(each)
                self._check_age(each)

    def _open(self, processes: Sequence[ServiceProcess], page: str) -> None:
        started = time.monotonic()
        is_answered = any(_status(each, page) == 200 for each in processes)
        self._opened += 1
        self._refused += not is_answered
        self._slowest = max(self._slowest, time.monotonic() - started)

    def _check_age(self, process: ServiceProcess) -> None:
        since = self._away_since
        if since is not None and _stated(process) > since == self._away_since:
            self._untrue.add(process.name)

    def _look(self, process: ServiceProcess) -> None:
        pid, published = process.pid, list(self._editors.published)
        seen = self._seen.setdefault((process.name, pid), set())
        shown = shown_by(process, chain(seen, published[-5:]))
        if pid and process.pid == pid and _status(process, "/livez") == 200:
            self._missing |= (seen - shown) & set(self._editors.published)
        seen |= set(list(shown)[:10])


def _stated(process: ServiceProcess) -> float:
    """Return until when a process states that it shows everything, in seconds."""
    return metric(process, "cppp_portal_as_of_timestamp_seconds", 'part="shown"')


def _status(process: ServiceProcess, path: str) -> int:
    return request(process.url, path)[0]
