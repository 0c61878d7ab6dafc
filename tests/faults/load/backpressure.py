"""Pauses a load while the services are too far behind."""

import threading
import time
from collections.abc import Callable

_CHECK_SECONDS = 1.0
_MAX_UNDONE = 3_000


class Backpressure:
    """Returns True while more than `limit` events are unprocessed; checks about once a second.

    While servers are down the number is unknown, and the last result stays valid.
    """

    def __init__(self, undone: Callable[[], int | None], limit: int = _MAX_UNDONE) -> None:
        self._undone = undone
        self._limit = limit
        self._must_wait = False
        self._check_at = 0.0
        self._lock = threading.Lock()

    def __call__(self) -> bool:
        with self._lock:
            if time.monotonic() > self._check_at:
                undone = self._undone()
                self._must_wait = self._must_wait if undone is None else undone > self._limit
                self._check_at = time.monotonic() + _CHECK_SECONDS
            return self._must_wait
