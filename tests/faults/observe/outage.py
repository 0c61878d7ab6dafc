"""What must hold of every service during an outage of a dependency."""

import json
import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from email.message import Message
from typing import Any, Self
from uuid import uuid4

from devstack.testing.service_process import ServiceProcess
from tests.faults.load.plan import CONTACT, Planned
from tests.faults.observe.service_client import request, resident_megabytes, waiting_for
from tests.faults.run import Run

SERVICES = ("intake", "eligibility", "recognition", "notify")
_CHECK_SECONDS = 0.25
_DEAD_AFTER = 3
_REPORT_SECONDS = 60.0
_MAX_MEGABYTES = 300
_NOT_IN_THE_PLAN = 9_000_000


def start_all(
    run: Run, settings: Mapping[str, str] | None = None, through: Sequence[str] = ()
) -> None:
    """Start one instance of each service."""
    for name in SERVICES:
        run.start(name, settings, through)


class ServiceMonitor:
    """Checks continuously that all services stay alive and within their memory limit.

    Like an orchestrator, it considers a service dead after several failed `/livez` in a row.
    `max_megabytes` is the largest memory that each service was seen to use.
    """

    def __init__(self, run: Run, limit_megabytes: int = _MAX_MEGABYTES) -> None:
        self.max_megabytes: dict[str, int] = {}
        self._run = run
        self._limit = limit_megabytes
        self._unanswered: Counter[str] = Counter()
        self._dead: set[str] = set()
        self._pids: dict[str, int] = {}
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._check_all, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        for name in self._dead:
            self._run.measured.complaints.append(f"{name} did not answer /livez")
        for name, megabytes in self.max_megabytes.items():
            self._run.expect(megabytes < self._limit, f"{name} used {megabytes} MB of memory")
        largest = max(self.max_megabytes.values(), default=0)
        self._run.measure(f"at most {largest} MB for each service")

    def _check_all(self) -> None:
        while not self._done.wait(_CHECK_SECONDS):
            for each in _instances(self._run):
                self._check(each)

    def _check(self, process: ServiceProcess) -> None:
        status, _, _ = request(process.url, "/livez")
        self._count(process.name, is_alive=status == 200)
        self._expect_same_process(process)
        megabytes = resident_megabytes(process)
        self.max_megabytes[process.name] = max(megabytes, self.max_megabytes.get(process.name, 0))

    def _expect_same_process(self, process: ServiceProcess) -> None:
        """Record a complaint each time a service exits by itself."""
        pid = process.pid
        if self._pids.setdefault(process.name, pid) != pid and pid:
            last = [each for each in process.log().splitlines() if "Traceback" in each][-1:]
            self._run.measured.complaints.append(f"{process.name} exited by itself: {last}")
            self._pids[process.name] = pid

    def _count(self, name: str, *, is_alive: bool) -> None:
        if is_alive:
            self._unanswered[name] = 0
        elif name in self._unanswered:  # it had started before
            self._unanswered[name] += 1
            if self._unanswered[name] >= _DEAD_AFTER:
                self._dead.add(name)


def expect_waiting_for(run: Run, *checks: str, services: Iterable[str] = SERVICES) -> None:
    """Expect that `/readyz` of each of these services soon reports one of these checks."""
    for name in services:
        for each in run.processes[name]:
            run.expect_eventually(
                lambda process=each: not set(checks).isdisjoint(waiting_for(process)),
                f"{each.name} does not report that it waits for {' or '.join(checks)}",
                _REPORT_SECONDS,
            )


def expect_ready(run: Run) -> None:
    """Expect that each service is soon ready again."""
    for each in _instances(run):
        run.expect_eventually(
            lambda process=each: request(process.url, "/readyz")[0] == 200,
            f"{each.name} is not ready again",
        )


@dataclass
class Applicant:
    """Posts one application under one idempotency key, any number of times."""

    run: Run
    planned: Planned = field(
        default_factory=lambda: Planned(_NOT_IN_THE_PLAN, "new-technology", amendments=0)
    )
    key: str = field(default_factory=lambda: str(uuid4()))
    _body: bytes = b""
    _is_recorded: bool = False

    def expect_503(self) -> None:
        """Expect 503 with `Retry-After`."""
        self._check_503(*self._post())

    def expect_202_or_503(self) -> None:
        """Expect either: a server that crashes repeatedly may accept something in between."""
        status, headers, answer = self._post()
        if status == 202:
            self._record(answer)
        else:
            self._check_503(status, headers, answer)

    def expect_202(self) -> None:
        """Expect 202, and the same answer to a repeat; record the application as accepted."""
        (status, _, answer), (_, _, again) = self._post(), self._post()
        self.run.expect(status == 202, f"intake answered {status} instead of 202")
        self.run.expect(answer == again, "a repeat with the same key got another answer")
        if status == 202:
            self._record(answer)

    def _check_503(self, status: int, headers: Message, _answer: Any) -> None:
        self.run.expect(status == 503, f"intake answered {status} instead of 503")
        delay = headers.get("Retry-After", "")
        self.run.expect(delay.isdigit(), f"intake's {status} has no Retry-After in seconds")

    def _record(self, answer: Any) -> None:
        if not self._is_recorded:
            self.run.ledger.accept(answer["application_id"], 1, self.planned.service)
            self._is_recorded = True

    def _post(self) -> tuple[int, Message, Any]:
        if not self._body:
            content = {"application": self.planned.body(1), "contact": CONTACT}
            self._body = json.dumps(content).encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": self.key}
        url = self.run.processes["intake"][0].url
        return request(url, "/v1/applications", self._body, headers)


def _instances(run: Run) -> list[ServiceProcess]:
    return [each for instances in run.processes.values() for each in instances]
