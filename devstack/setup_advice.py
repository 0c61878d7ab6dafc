"""Advice for a .venv that cannot be created; like its caller, for Python 3.6 and later."""

import errno
from pathlib import Path

THEN_AGAIN = "then run the same command again."
DISK_IS_FULL = f"The disk is full: free 1.5 GB, {THEN_AGAIN}"
_NO_PERMISSION = f"Permission denied: make the folder of the project writable for you, {THEN_AGAIN}"
# Texts in pip's output, and the advice for each; the first match wins.
_CAUSES = {
    "No space left on device": DISK_IS_FULL,
    "DO NOT MATCH THE HASHES": (
        "A download does not match its checksum in requirements-dev.lock: it was altered on the "
        "way. It was not installed."
    ),
    "Retrying (Retry(": (
        "The packages cannot be downloaded: check the network connection (and proxy settings), "
        f"{THEN_AGAIN}"
    ),
    "Permission denied": _NO_PERMISSION,
}


class SetupError(Exception):
    """Setup cannot continue; the message says in one line why, and what to do."""


def advice_on_failure(said: str, log: Path) -> str:
    """Return the advice for a program that failed with the output `said`, stored in `log`."""
    for sign, advice in _CAUSES.items():
        if sign in said:
            return f"{advice} (The details: {log})"
    lines = [line.strip() for line in said.splitlines()]
    last = ([line for line in lines if "ERROR" in line] or lines or [""])[-1]
    return f"Making .venv failed: {last} (The details: {log})"


def advice_on(error: OSError) -> str:
    """Return the advice for an error of the operating system."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return DISK_IS_FULL
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return _NO_PERMISSION
    return f"{error.strerror}: {error.filename}"
