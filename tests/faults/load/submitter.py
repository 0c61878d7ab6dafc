"""Clients that retry each POST under one idempotency key until intake answers 202."""

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
RETRYABLE = {409, 429, 500, 502, 503, 504}
_RETRY_SECONDS = 0.05
_WAIT_SECONDS = 0.5
_TIMEOUT_SECONDS = 30


class Submitter:
    """Posts a plan through several clients; `urls` returns those of intake's current instances.

    A version is recorded as accepted when its 202 arrives. Clients pause while `must_wait` is true.
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
        self.must_wait: Callable[[], bool] = lambda: False
        self._plan = _PacedPlan(plan, per_second)
        self._stopping = threading.Event()
        self._clients = [
            threading.Thread(target=self._run_client, args=(number,), daemon=True)
            for number in range(clients)
        ]

    def start(self) -> None:
        for each in self._clients:
            each.start()

    @property
    def is_running(self) -> bool:
        return any(each.is_alive() for each in self._clients)

    def join(self, seconds: float) -> None:
        """Wait until everything is accepted; record an error if that takes longer."""
        give_up_at = time.monotonic() + seconds
        for each in self._clients:
            each.join(max(0.0, give_up_at - time.monotonic()))
        if self.is_running:
            self._ledger.record_error(f"the clients did not finish within {seconds:.0f} s")
        self.stop()

    def finish(self) -> None:
        """Start no further application; those that were started are retried until accepted."""
        self._plan.close()

    def stop(self) -> None:
        """Stop at once, without further retries."""
        self._plan.close()
        self._stopping.set()
        for each in self._clients:
            each.join(_TIMEOUT_SECONDS)

    def _run_client(self, number: int) -> None:
        try:
            self._post_all(number)
        except Exception as error:  # noqa: BLE001 - a thread's error would go unnoticed
            self._ledger.record_error(f"a client failed: {error!r}")

    def _post_all(self, client: int) -> None:
        connection = IntakeConnection(self._urls, client)
        for planned in self._plan:
            while self.must_wait() and self._plan.is_open:
                self._stopping.wait(_WAIT_SECONDS)
            if self._stopping.is_set():
                break
            if application_id := self._submit(connection, "POST", "/v1/applications", planned, 1):
                for number in range(2, planned.amendments + 2):
                    path = f"/v1/applications/{application_id}"
                    self._submit(connection, "PUT", path, planned, number)
        connection.close()

    def _submit(
        self,
        connection: "IntakeConnection",
        method: str,
        path: str,
        planned: Planned,
        number: int,
    ) -> str | None:
        body = json.dumps({"application": planned.body(number), "contact": CONTACT}).encode()
        answer = self._retry_until_accepted(connection, (method, path, body, str(uuid4())))
        if answer is None:
            return None
        self._ledger.accept(answer["application_id"], answer["version"], planned.service)
        if answer["version"] != number:
            self._ledger.record_error(f"version {number} was answered as {answer['version']}")
        return str(answer["application_id"])

    def _retry_until_accepted(
        self, connection: "IntakeConnection", request: tuple[str, str, bytes, str]
    ) -> Any:
        while not self._stopping.is_set():
            status, answer = connection.request(*request)
            if status == _ACCEPTED:
                return json.loads(answer)
            if status and status not in RETRYABLE:
                self._ledger.record_error(f"{request[0]} was answered {status}: {answer[:200]!r}")
                return None
            self._stopping.wait(_RETRY_SECONDS)
        return None


class _PacedPlan(Iterator[Planned]):
    """Distributes a plan to several threads at a limited rate."""

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
        time.sleep(max(0.0, wait_seconds))  # keeps to the rate
        return planned


class IntakeConnection:
    """One client's connection to intake; after a failure it switches to the next instance."""

    def __init__(self, urls: Callable[[], Sequence[str]], client: int) -> None:
        self._urls = urls
        self._instance = client
        self._connection: HTTPConnection | None = None

    def request(self, method: str, path: str, body: bytes, key: str) -> tuple[int, bytes]:
        """Send a request once; return status 0 if there is no response."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        try:
            connection = self._open()
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, HTTPException):
            self.close()
            self._instance += 1
            return 0, b""

    def _open(self) -> HTTPConnection:
        if self._connection is None:
            urls = self._urls()
            address = urlsplit(urls[self._instance % len(urls)]).netloc
            self._connection = HTTPConnection(address, timeout=_TIMEOUT_SECONDS)
        return self._connection

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None
