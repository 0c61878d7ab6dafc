"""Logs when a service becomes ready, and when it no longer is."""

from collections.abc import Callable, Mapping, Sequence

import structlog

from shared.outages import Outage

log = structlog.get_logger()


class ReadinessLog:
    """One line for each change, and rare ones while the service waits.

    It is no news that a service waits at its start, nor that a check fails once.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._outage = Outage(began_at=clock())
        self._is_ready = False
        self._failures = 0

    def look(self, waiting_for: Sequence[str], reasons: Mapping[str, str]) -> None:
        """Log what has changed since the last look."""
        self._failures = self._failures + 1 if waiting_for else 0
        if not waiting_for:
            self._ready()
        elif self._failures > 1 and self._outage.fails(self._clock()):
            self._is_ready = False
            # Log: The service waits for what `waiting_for` names, as `/readyz` does; `reasons` are
            # codes. Said again ever more rarely while it waits.
            log.warning(
                "service.waiting",
                waiting_for=waiting_for,
                reasons=reasons,
                seconds=self._outage.lasted(self._clock()),
            )

    def _ready(self) -> None:
        seconds = self._outage.lasted(self._clock())
        self._outage.ends(self._clock())
        if not self._is_ready:
            # Log: All that the service needs is there, after so many seconds of waiting.
            log.info("service.ready", seconds=seconds)
        self._is_ready = True
