"""Which requests are being handled in this process, so that a repeat at the same time is told."""

from collections.abc import Hashable, Iterator
from contextlib import contextmanager

from services.intake.http.problems import key_in_progress
from services.intake.metrics import IntakeMetrics


class InFlightRequests:
    """The requests in hand: for each idempotency key one at a time.

    Knows this process only. Between processes the database decides: the second insert runs into
    the first, and finds its receipt.
    """

    def __init__(self, metrics: IntakeMetrics) -> None:
        self._metrics = metrics
        self._in_hand: set[Hashable] = set()

    def acquire(self, request: Hashable) -> None:
        """Take a request in hand, until `release`; raises the problem that answers a second one."""
        if request in self._in_hand:
            self._metrics.in_conflict()
            raise key_in_progress()
        self._in_hand.add(request)

    def release(self, request: Hashable) -> None:
        """Be done with a request."""
        self._in_hand.discard(request)

    @contextmanager
    def holding(self, request: Hashable) -> Iterator[None]:
        """Hold a request in hand while inside."""
        self.acquire(request)
        try:
            yield
        finally:
            self.release(request)
