"""Notices a stop signal to `make`, if that is the parent process."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

_REQUESTS = (signal.SIGINT, signal.SIGHUP)


def stopping_parent() -> Callable[[], bool]:
    """Return a function that says whether the parent has received a stop signal from now on.

    Ctrl-C reaches all processes, but a signal to `make` alone only makes it wait for its children.
    Meanwhile it blocks further signals of that kind, which is visible on Linux.
    """
    before = _blocked()
    return lambda: bool(_blocked() - before)


def never() -> bool:
    """Return False: no parent is watched."""
    return False


def _blocked() -> set[signal.Signals]:
    try:
        status = Path(f"/proc/{os.getppid()}/status").read_text()
    except OSError:
        return set()
    mask = int(status.partition("SigBlk:")[2].split()[0], base=16)
    return {each for each in _REQUESTS if mask & 1 << each - 1}
