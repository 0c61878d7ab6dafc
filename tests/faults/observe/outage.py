"""What has to hold of every service while something that it needs is away."""

import json
import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from email.message import Message
from http.client import HTTPConnection, HTTPException
from typing import Any, Self
from urllib.parse import urlsplit
from uuid import uuid4

import psutil

from devstack.testing.service_process import ServiceProcess
from tests.faults.load.plan import CONTACT, Planned
from tests.faults.run import Run

SERVICES = ("intake", "eligibility", "recognition", "notify")
_LOOK_SECONDS = 0.25
_ANSWER_SECONDS = 5.0
_DEAD_AFTER = 3
_POST_SECONDS = 30.0
_NOTICE_SECONDS = 60.0
_MOST_MEGABYTES = 300
_NOT_IN_THE_PLAN = 9_000_000


def start_all(
    run: Run, settings: Mapping[str, str] | None = None, through: Sequence[str] = ()
) -> None:
    """Start one instance of each service."""
    for name in SERVICES:
        run.start(name, settings, through)


class Watched:
    """Looks at all services all the time: they have to live on, in bounded memory.

    As an orchestrator does, it calls one dead that does not answer several times in a row.
    `most_megabytes` is the most that each held at any look.
    """

    def __init__(self, run: Run, limit_megabytes: int = _MOST_MEGABYTES) -> None:
        self.most_megabytes: dict[str, int] = {}
        self._run = run
        self._limit = limit_megabytes
        self._unanswered: Counter[str] = Counter()
        self._dead: set[str] = set()
        self._pids: dict[str, int] = {}
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look_on, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        for name in self._dead:
            self._run.measured.complaints.append(f"{name} did not answer /livez")
        for name, megabytes in self.most_megabytes.items():
            self._run.expect(megabytes < self._limit, f"{name} grew to {megabytes} MB")
        largest = max(self.most_megabytes.values(), default=0)
        self._run.measure(f"at most {largest} MB for each service")

    def _look_on(self) -> None:
        while not self._done.wait(_LOOK_SECONDS):
            for each in _instances(self._run):
                self._look_at(each)

    def _look_at(self, process: ServiceProcess) -> None:
        status, _, _ = ask(process.url, "/livez")
        self._note(process.name, answered=status == 200)
        self._expect_same(process)
        megabytes = resident_megabytes(process)
        self.most_megabytes[process.name] = max(megabytes, self.most_megabytes.get(process.name, 0))

    def _expect_same(self, process: ServiceProcess) -> None:
        """Complain once for each time that a service has ended by itself."""
        pid = process.pid
        if self._pids.setdefault(process.name, pid) != pid and pid:
            last = [each for each in process.log().splitlines() if "Traceback" in each][-1:]
            self._run.measured.complaints.append(f"{process.name} ended by itself: {last}")
            self._pids[process.name] = pid

    def _note(self, name: str, *, answered: bool) -> None:
        if answered:
            self._unanswered[name] = 0
        elif name in self._unanswered:  # it had started before
            self._unanswered[name] += 1
            if self._unanswered[name] >= _DEAD_AFTER:
                self._dead.add(name)


def resident_megabytes(process: ServiceProcess) -> int:
    """Tell how much memory a service holds; 0 while it does not run."""
    try:
        return int(psutil.Process(process.pid or -1).memory_info().rss) // 1_000_000
    except (psutil.Error, ValueError):
        return 0


def expect_waiting_for(run: Run, *needs: str, services: Iterable[str] = SERVICES) -> None:
    """Expect that each of these services soon says that it waits for one of these."""
    for name in services:
        for each in run.processes[name]:
            run.eventually(
                lambda process=each: not set(needs).isdisjoint(waiting_for(process)),
                f"{each.name} does not say that it waits for {' or '.join(needs)}",
                _NOTICE_SECONDS,
            )


def expect_ready(run: Run) -> None:
    """Expect that each service is soon ready again."""
    for each in _instances(run):
        run.eventually(
            lambda process=each: ask(process.url, "/readyz")[0] == 200,
            f"{each.name} is not ready again",
        )


def waiting_for(process: ServiceProcess) -> Sequence[str]:
    """Ask a service what it waits for."""
    _, _, answer = ask(process.url, "/readyz")
    found: Sequence[str] = answer.get("waiting_for", ())
    return found


@dataclass
class Applicant:
    """Posts one application under one idempotency key, as often as it takes."""

    run: Run
    planned: Planned = field(
        default_factory=lambda: Planned(_NOT_IN_THE_PLAN, "new-technology", amendments=0)
    )
    key: str = field(default_factory=lambda: str(uuid4()))
    _body: bytes = b""
    _is_noted: bool = False

    def expect_refusal_for_now(self) -> None:
        """Expect 503, and when to come back."""
        self._expect_503(*self._post())

    def expect_honesty(self) -> None:
        """Expect either answer: a server that dies again and again may take something meanwhile."""
        status, headers, answer = self._post()
        if status == 202:
            self._note(answer)
        else:
            self._expect_503(status, headers, answer)

    def expect_acceptance(self) -> None:
        """Expect 202, the same answer to a repeat, and note the promise."""
        (status, _, answer), (_, _, again) = self._post(), self._post()
        self.run.expect(status == 202, f"intake answered {status} instead of 202")
        self.run.expect(answer == again, "a repeat with the same key was answered otherwise")
        if status == 202:
            self._note(answer)

    def _expect_503(self, status: int, headers: Message, _answer: Any) -> None:
        self.run.expect(status == 503, f"intake answered {status} instead of 503")
        delay = headers.get("Retry-After", "")
        self.run.expect(delay.isdigit(), f"intake's {status} does not say when to come back")

    def _note(self, answer: Any) -> None:
        if not self._is_noted:
            self.run.ledger.accept(answer["application_id"], 1, self.planned.service)
            self._is_noted = True

    def _post(self) -> tuple[int, Message, Any]:
        if not self._body:
            content = {"application": self.planned.body(1), "contact": CONTACT}
            self._body = json.dumps(content).encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": self.key}
        url = self.run.processes["intake"][0].url
        return ask(url, "/v1/applications", self._body, headers)


def ask(
    url: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> tuple[int, Message, Any]:
    """Ask a service; status 0 stands for no answer. An answer that is no JSON is text."""
    timeout = _POST_SECONDS if body else _ANSWER_SECONDS
    connection = HTTPConnection(urlsplit(url).netloc, timeout=timeout)
    try:
        connection.request("POST" if body else "GET", path, body, dict(headers or {}))
        answer = connection.getresponse()
        return answer.status, answer.headers, _content(answer.read())
    except (OSError, HTTPException):
        return 0, Message(), {}
    finally:
        connection.close()


def _content(answer: bytes) -> Any:
    try:
        return json.loads(answer)
    except ValueError:
        return answer.decode(errors="replace")


def _instances(run: Run) -> list[ServiceProcess]:
    return [each for instances in run.processes.values() for each in instances]
