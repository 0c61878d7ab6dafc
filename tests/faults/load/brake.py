"""Keeps a load from getting far ahead of services that are slow or away."""

import threading
import time
from collections.abc import Callable

_LOOK_SECONDS = 1.0
_MOST_UNDONE = 3_000


class Brake:
    """Holds while more is left to do than `most`; looked at about once a second.

    While nobody can tell, as servers are down, what was known last holds.
    """

    def __init__(self, undone: Callable[[], int | None], most: int = _MOST_UNDONE) -> None:
        self._undone = undone
        self._most = most
        self._holds = False
        self._look_at = 0.0
        self._lock = threading.Lock()

    def __call__(self) -> bool:
        with self._lock:
            if time.monotonic() > self._look_at:
                undone = self._undone()
                self._holds = self._holds if undone is None else undone > self._most
                self._look_at = time.monotonic() + _LOOK_SECONDS
            return self._holds
