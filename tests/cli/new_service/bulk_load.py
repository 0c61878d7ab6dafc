"""Applications of both kinds, posted to intake in bulk at a steady rate, as `cppp submit` does."""

import threading
import time
from collections.abc import Iterator
from itertools import islice
from typing import Any
from uuid import uuid4

from bench.parts.platform.client import submit_in_bulk
from bench.parts.platform.submissions import Submission, submissions
from tests.faults.load.ledger import Ledger

_TICK_SECONDS = 0.25  # a bulk request has what has become due in so long
_LINES_AT_MOST = 500
_MANY = 1_000_000


class BulkLoad:
    """Posts in a thread of its own; what intake accepts is recorded in the ledger.

    The `labels` of all loads of a ledger are different, and so are their enterprises.
    """

    def __init__(
        self, intake: Any, key: str, ledger: Ledger, count: int | None, per_second: float
    ) -> None:
        self._intake = intake
        self._key = key
        self._ledger = ledger
        first = len(ledger.accepted)
        self._plan = submissions(f"load-{uuid4().hex}", _MANY if count is None else count, first)
        self._per_second = per_second
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def is_running(self) -> bool:
        return self._thread.is_alive()

    def finish(self) -> None:
        """Post no further application."""
        self._stopping.set()

    def join(self, seconds: float) -> None:
        """Wait until everything is posted; record an error if that takes longer."""
        self._thread.join(seconds)
        if self.is_running:
            self._ledger.record_error(f"the load did not finish within {seconds:.0f} s")
        self.finish()

    def _run(self) -> None:
        try:
            for each in self._due():
                self._post(each)
        except Exception as error:  # noqa: BLE001 - a thread's error would go unnoticed
            self._ledger.record_error(f"the load failed: {error!r}")

    def _due(self) -> Iterator[list[Submission]]:
        """Yield what is due, and what is late with it."""
        began, sent = time.monotonic(), 0
        while not self._stopping.wait(_TICK_SECONDS):
            due = int((time.monotonic() - began) * self._per_second) - sent
            if due <= 0:
                continue
            if not (batch := list(islice(self._plan, min(due, _LINES_AT_MOST)))):
                return
            sent += len(batch)
            yield batch

    def _post(self, batch: list[Submission]) -> None:
        receipts = submit_in_bulk(self._intake.port, self._key, batch)
        for each in receipts:
            self._ledger.accept(each.application_id, 1, "")
        if len(receipts) != len(batch):
            self._ledger.record_error(f"{len(batch) - len(receipts)} were refused")
