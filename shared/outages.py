"""Outages as lines of the log: one when it begins, rare ones while it lasts, one when it ends.

An outage may last for hours, come again every second, and hold up many calls at once. None of this
may fill the logs.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

import structlog

log = structlog.get_logger()

OnFailure = Callable[[BaseException | None, int], None]
"""Gets the error of a failed attempt, and the attempt's number."""

_SHORTEST: Final = 60.0
_LONGEST: Final = 3600.0
_CALM: Final = 10  # intervals without an outage, after which the next one is news again
_DEPENDENCIES: Final = {
    "aiokafka": "kafka",
    "pymongo": "mongodb",
    "motor": "mongodb",
    "aiosmtplib": "mail-server",
}


@dataclass(slots=True)
class Outage:
    """Of one thing: whether a line about it is due. Times are in seconds on any clock."""

    began_at: float | None = None
    _is_told: bool = False
    _next_at: float = 0.0
    _interval: float = _SHORTEST
    _told_at: float = float("-inf")

    def fails(self, now: float) -> bool:
        """Note a failure; return whether to log it."""
        if self.began_at is None:
            self.began_at = now
        if now < self._next_at:
            return False
        is_calm = not self._is_told and now - self._told_at > _CALM * self._interval
        self._interval = _SHORTEST if is_calm else min(2 * self._interval, _LONGEST)
        self._next_at = now + self._interval
        self._told_at = now
        self._is_told = True
        return True

    def lasted(self, now: float) -> float:
        """Return for how long it has lasted."""
        return round(now - self.began_at, 3) if self.began_at is not None else 0.0

    def ends(self, now: float) -> float | None:
        """Note that it works again; return for how long it did not, or None if nobody was told."""
        seconds = self.lasted(now) if self._is_told else None
        self.began_at, self._is_told = None, False
        return seconds


class Outages:
    """The outages of the dependencies of one process, for which any number of calls may wait."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._outages: defaultdict[str, Outage] = defaultdict(Outage)
        self._waiting: defaultdict[str, set[object]] = defaultdict(set)
        self._reasons: defaultdict[str, set[str]] = defaultdict(set)  # of those that were logged

    @contextmanager
    def waiting(self) -> Iterator[OnFailure]:
        """Yield what a call that is repeated in the block tells of each of its failures.

        The outage ends with the last such block that is left without an error.
        """
        call, is_done = object(), False
        try:
            yield partial(self._failed, call)
            is_done = True
        finally:
            self._left(call, is_done=is_done)

    def _failed(self, call: object, error: BaseException | None, attempt: int) -> None:
        cause = error.__cause__ if error and error.__cause__ else error
        name = _dependency(cause)
        self._waiting[name].add(call)
        outage, now = self._outages[name], self._clock()
        reason = str(error or "")
        is_due, is_new = outage.fails(now), reason not in self._reasons[name]
        if is_due or (is_new and self._reasons[name]):
            self._reasons[name].add(reason)
            # Log: Kafka, MongoDB or another dependency does not answer; the call is repeated until
            # it does. `reason` is a code, if there is one. Said again for each new reason, and ever
            # more rarely; `seconds` is for how long it has lasted.
            log.warning(
                "dependency.unavailable",
                dependency=name,
                error=type(cause).__name__,
                **({"reason": reason} if reason else {}),
                attempt=attempt,
                seconds=outage.lasted(now),
            )

    def _left(self, call: object, *, is_done: bool) -> None:
        for name, calls in self._waiting.items():
            if call in calls:
                calls.remove(call)
                if not calls:
                    self._end(name, is_done=is_done)

    def _end(self, name: str, *, is_done: bool) -> None:
        seconds = self._outages[name].ends(self._clock())
        self._reasons.pop(name, None)
        if is_done and seconds is not None:
            # Log: A dependency answers again, after so many seconds.
            log.info("dependency.available", dependency=name, seconds=seconds)


def _dependency(error: BaseException | None) -> str:
    """Return the dependency that an error is of, by the name that `/readyz` has for it."""
    return _DEPENDENCIES.get(type(error).__module__.partition(".")[0], "other")
