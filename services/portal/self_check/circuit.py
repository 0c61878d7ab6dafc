"""A circuit: a service that does not answer is asked again only now and then."""

from collections.abc import Callable


class Circuit:
    """Opens after `failures` calls in a row that failed. Then one call in `seconds` is tried."""

    def __init__(self, failures: int, seconds: float, now: Callable[[], float]) -> None:
        self._most, self._seconds, self._now = failures, seconds, now
        self._failures = 0
        self._next_at = 0.0

    def may_ask(self) -> bool:
        """Return whether a call may be made now; while open, only to the first that asks."""
        if self._failures < self._most:
            return True
        if self._now() < self._next_at:
            return False
        self._next_at = self._now() + self._seconds
        return True

    def note(self, *, worked: bool) -> None:
        """Take in how a call ended."""
        self._failures = 0 if worked else self._failures + 1
        if not worked:
            self._next_at = self._now() + self._seconds
