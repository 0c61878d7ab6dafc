"""Which requests are being handled in this process, so that a repeat at the same time is told."""

from collections.abc import Hashable, Iterator
from contextlib import contextmanager

from services.intake.metrics import IntakeMetrics
from services.intake.refusals import key_in_progress


class InProgress:
    """The requests in hand: for each idempotency key one at a time.

    Knows this process only. Between processes the database decides: the second insert runs into
    the first, and finds its receipt.
    """

    def __init__(self, metrics: IntakeMetrics) -> None:
        self._metrics = metrics
        self._in_hand: set[Hashable] = set()

    def __contains__(self, request: Hashable) -> bool:
        """Tell whether a request is in hand."""
        return request in self._in_hand

    @contextmanager
    def only(self, *requests: Hashable) -> Iterator[None]:
        """Hold requests in hand while inside; raises the problem that answers a second one."""
        if not self._in_hand.isdisjoint(requests):
            raise self.conflict()
        self._in_hand.update(requests)
        try:
            yield
        finally:
            self._in_hand.difference_update(requests)

    def conflict(self) -> Exception:
        """Count a repeat of what is in hand; returns the problem that answers it."""
        self._metrics.in_conflict()
        return key_in_progress()
