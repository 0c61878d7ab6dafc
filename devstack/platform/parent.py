"""What becomes of `make`, when that is the parent."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

_REQUESTS = (signal.SIGINT, signal.SIGHUP)


def stopping_parent() -> Callable[[], bool]:
    """Return what tells whether the parent has been told to stop since now.

    A Ctrl-C reaches everybody; but a signal for `make` alone makes it wait in silence for its
    children to end. That it then holds back further signals of that kind can be seen on Linux.
    """
    before = _held_back()
    return lambda: bool(_held_back() - before)


def never() -> bool:
    """Tell that nobody has been told to stop."""
    return False


def _held_back() -> set[signal.Signals]:
    try:
        status = Path(f"/proc/{os.getppid()}/status").read_text()
    except OSError:
        return set()
    mask = int(status.partition("SigBlk:")[2].split()[0], base=16)
    return {each for each in _REQUESTS if mask & 1 << each - 1}
