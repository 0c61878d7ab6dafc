"""Processes of this machine: which one holds a port, and those left over by an earlier run."""

import os
from collections.abc import Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # has no type information

_STOPPED = "T"
FOLDER_VARIABLE = "CPPP_STACK_FOLDER"


def listener_on(port: int) -> str:
    """Describe the process that listens on `port`, as far as this user may see it."""
    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.Error:
        connections = []
    for each in connections:
        if each.status == psutil.CONN_LISTEN and each.laddr.port == port and each.pid:
            return _description(each.pid)
    return "another program"


def belonging_to(folder: Path) -> list[int]:
    """Return the process ids of every program started for the stack in `folder`.

    They are found by a variable in their environment, which also rules out reused process ids.
    """
    return [each.pid for each in _belonging_to(folder)]


def is_frozen(pid: int) -> bool:
    """Return whether a process stands still: after SIGSTOP, its threads do one after the other."""
    threads = list(Path("/proc", str(pid), "task").glob("*/stat"))
    if not threads:  # not Linux, or the process has ended
        return bool(psutil.Process(pid).status() == psutil.STATUS_STOPPED)
    return all(each.read_text().rpartition(")")[2].split()[0] == _STOPPED for each in threads)


def end_leftovers(folder: Path, patience_seconds: float) -> int:
    """End the programs still running for the stack in `folder`: SIGTERM, then SIGKILL.

    Returns how many there were.
    """
    left = list(_belonging_to(folder))
    for each in left:
        _signal(each, "terminate")
        _signal(each, "resume")  # a paused process does not handle signals
    _, stubborn = psutil.wait_procs(left, timeout=patience_seconds)
    for each in stubborn:
        _signal(each, "kill")
    psutil.wait_procs(stubborn, timeout=patience_seconds)
    return len(left)


def _belonging_to(folder: Path) -> Iterator[psutil.Process]:
    for each in psutil.process_iter():
        try:
            marked = each.environ().get(FOLDER_VARIABLE) == str(folder)
        except (psutil.Error, OSError):
            continue
        if marked and each.pid != os.getpid() and each.status() != psutil.STATUS_ZOMBIE:
            yield each


def _description(pid: int) -> str:
    try:
        return f"{psutil.Process(pid).name()} (process {pid})"
    except psutil.Error:
        return f"process {pid}"


def _signal(process: psutil.Process, how: str) -> None:
    try:
        getattr(process, how)()
    except psutil.Error:
        return
