"""The dead-letter breaker: one bad record stops nothing, a bad deployment stops everything."""

from collections import deque
from collections.abc import Sequence
from typing import Final

from shared.consumer.dead_letters import DeadLetter

WINDOW: Final = 1_000


class BreakerOpenError(Exception):
    """Too many records would become dead letters: stop, and commit nothing."""

    def __init__(self, first: DeadLetter) -> None:
        super().__init__(first.reason)
        self.first = first


class Breaker:
    """Trips on too many dead letters: in a row, or as a share of the last 1,000 records.

    A batch is checked with `trips` before anything of it is published, and counted once handled.
    """

    def __init__(self, in_a_row: int, share: float) -> None:
        self._in_a_row = in_a_row
        self._at_most = share * WINDOW
        self._run = 0
        self._recent: deque[bool] = deque(maxlen=WINDOW)

    def trips(self, given_up: Sequence[bool]) -> bool:
        """Return whether a batch has too many dead letters; one entry for each record, in order."""
        if True not in given_up:
            return False
        run = self._run
        for each in given_up:
            run = run + 1 if each else 0
            if run > self._in_a_row:
                return True
        recent = deque(self._recent, WINDOW)
        recent.extend(given_up)
        return sum(recent) > self._at_most

    def count(self, given_up: Sequence[bool]) -> None:
        """Count a batch that was handled completely."""
        self._recent.extend(given_up)
        if True not in given_up:
            self._run = 0 if given_up else self._run
            return
        for each in given_up:
            self._run = self._run + 1 if each else 0
