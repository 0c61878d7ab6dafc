"""Requests in flight in this process; a concurrent repeat gets 409."""

from collections.abc import Hashable, Iterator
from contextlib import contextmanager

from services.intake.http.problems import key_in_progress
from services.intake.metrics import IntakeMetrics


class InFlightRequests:
    """The requests in flight: one at a time for each idempotency key.

    Covers this process only. Between processes the database decides: the second insert fails on
    the first one's id and returns its receipt.
    """

    def __init__(self, metrics: IntakeMetrics) -> None:
        self._metrics = metrics
        self._in_flight: set[Hashable] = set()

    def acquire(self, request: Hashable) -> None:
        """Mark a request as in flight until `release`; raises `Problem` if it is already."""
        if request in self._in_flight:
            self._metrics.in_conflict()
            raise key_in_progress()
        self._in_flight.add(request)

    def release(self, request: Hashable) -> None:
        """Mark a request as done."""
        self._in_flight.discard(request)

    @contextmanager
    def holding(self, request: Hashable) -> Iterator[None]:
        """Mark a request as in flight while the block runs."""
        self.acquire(request)
        try:
            yield
        finally:
            self.release(request)
