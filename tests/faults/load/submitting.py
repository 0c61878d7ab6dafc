"""Clients that keep posting until they are told 202, as a client with an idempotency key does."""

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from tests.faults.load.ledger import Ledger
from tests.faults.load.plan import CONTACT, Planned

_ACCEPTED = 202
TRY_AGAIN = {409, 429, 500, 502, 503, 504}
_PAUSE_SECONDS = 0.05
_BRAKE_SECONDS = 0.5
_TIMEOUT_SECONDS = 30


class Submitter:
    """Posts a plan through several clients; `urls` are those of intake's instances at the time.

    A version is noted as accepted exactly when its 202 has arrived. It waits while `brake` holds.
    """

    def __init__(
        self,
        urls: Callable[[], Sequence[str]],
        ledger: Ledger,
        plan: Iterable[Planned],
        per_second: float,
        clients: int = 6,
    ) -> None:
        self._urls = urls
        self._ledger = ledger
        self.brake: Callable[[], bool] = lambda: False
        self._turns = _Turns(plan, per_second)
        self._stopping = threading.Event()
        self._clients = [
            threading.Thread(target=self._post_or_complain, args=(number,), daemon=True)
            for number in range(clients)
        ]

    def start(self) -> None:
        for each in self._clients:
            each.start()

    @property
    def is_running(self) -> bool:
        return any(each.is_alive() for each in self._clients)

    def join(self, seconds: float) -> None:
        """Wait until everything is accepted; what is not in time is told by the ledger."""
        give_up_at = time.monotonic() + seconds
        for each in self._clients:
            each.join(max(0.0, give_up_at - time.monotonic()))
        if self.is_running:
            self._ledger.refuse(f"submitting did not end within {seconds:.0f} s")
        self.stop()

    def finish(self) -> None:
        """Begin no further application; what is begun is still insisted on."""
        self._turns.close()

    def stop(self) -> None:
        """End posting where it stands."""
        self._turns.close()
        self._stopping.set()
        for each in self._clients:
            each.join(_TIMEOUT_SECONDS)

    def _post_or_complain(self, client: int) -> None:
        try:
            self._post_all(client)
        except Exception as error:  # noqa: BLE001 - a thread's error would go unnoticed
            self._ledger.refuse(f"a client ended: {error!r}")

    def _post_all(self, client: int) -> None:
        line = Line(self._urls, client)
        for planned in self._turns:
            while self.brake() and self._turns.is_open:
                self._stopping.wait(_BRAKE_SECONDS)
            if self._stopping.is_set():
                break
            if application_id := self._sent(line, "POST", "/v1/applications", planned, 1):
                for number in range(2, planned.amendments + 2):
                    path = f"/v1/applications/{application_id}"
                    self._sent(line, "PUT", path, planned, number)
        line.close()

    def _sent(
        self, line: "Line", method: str, path: str, planned: Planned, number: int
    ) -> str | None:
        body = json.dumps({"application": planned.body(number), "contact": CONTACT}).encode()
        answer = self._insisted(line, (method, path, body, str(uuid4())))
        if answer is None:
            return None
        self._ledger.accept(answer["application_id"], answer["version"], planned.service)
        if answer["version"] != number:
            self._ledger.refuse(f"version {number} was answered as {answer['version']}")
        return str(answer["application_id"])

    def _insisted(self, line: "Line", request: tuple[str, str, bytes, str]) -> Any:
        while not self._stopping.is_set():
            status, answer = line.ask(*request)
            if status == _ACCEPTED:
                return json.loads(answer)
            if status and status not in TRY_AGAIN:
                self._ledger.refuse(f"{request[0]} was answered {status}: {answer[:200]!r}")
                return None
            self._stopping.wait(_PAUSE_SECONDS)
        return None


class _Turns(Iterator[Planned]):
    """Hands a plan out to several threads, no faster than so many a second."""

    def __init__(self, plan: Iterable[Planned], per_second: float) -> None:
        self._plan = iter(plan)
        self._seconds_each = 1 / per_second
        self._next_at = time.monotonic()
        self._lock = threading.Lock()
        self.is_open = True

    def close(self) -> None:
        self.is_open = False

    def __next__(self) -> Planned:
        with self._lock:
            if not self.is_open:
                raise StopIteration
            planned = next(self._plan)
            now = time.monotonic()
            self._next_at = max(self._next_at + self._seconds_each, now - 1)
            wait_seconds = self._next_at - now
        time.sleep(max(0.0, wait_seconds))
        return planned


class Line:
    """One client's connection; after a failure it goes to the next instance."""

    def __init__(self, urls: Callable[[], Sequence[str]], client: int) -> None:
        self._urls = urls
        self._turn = client
        self._connection: HTTPConnection | None = None

    def ask(self, method: str, path: str, body: bytes, key: str) -> tuple[int, bytes]:
        """Send a request once; status 0 stands for no answer."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        try:
            connection = self._open()
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, HTTPException):
            self.close()
            self._turn += 1
            return 0, b""

    def _open(self) -> HTTPConnection:
        if self._connection is None:
            urls = self._urls()
            address = urlsplit(urls[self._turn % len(urls)]).netloc
            self._connection = HTTPConnection(address, timeout=_TIMEOUT_SECONDS)
        return self._connection

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None
