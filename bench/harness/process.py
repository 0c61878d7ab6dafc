"""A contender as a process: kept to its core, watched from outside, ended for certain."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import psutil  # type: ignore[import-untyped]  # has no type information

from bench.harness.machine import client_cores, pinned
from devstack.stack.program import PROJECT
from devstack.stack.tether import tie_to_parent

_STOP_SECONDS: Final = 15
_LINES_TOLD: Final = 4


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process and its children have used so far; memory is the most they ever had."""

    cpu_seconds: float
    peak_rss_bytes: int


class Process:
    """One running contender."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self._command = command
        self._environment = {
            **os.environ,
            "PYTHONPATH": str(PROJECT),
            "PYTHONDONTWRITEBYTECODE": "",  # compiled once, as in an image
            **environment,
        }
        self._log = log
        self._running = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        parent = os.getpid()
        with self._log.open("ab") as log:
            return _popen(self._command, self._environment, log, parent)

    @property
    def pid(self) -> int:
        """The process that was started."""
        return self._running.pid

    @property
    def has_ended(self) -> bool:
        """Whether it has ended by itself."""
        return self._running.poll() is not None

    def usage(self) -> Usage:
        """Tell what it and its children have used; nothing once it has ended."""
        try:
            root = psutil.Process(self.pid)
            return _sum_of([root, *root.children(recursive=True)])
        except psutil.NoSuchProcess:
            return Usage(0.0, 0)

    def kill(self) -> None:
        """End it by SIGKILL, and wait until it is gone."""
        self._signal_all(signal.SIGKILL)
        self._running.wait()

    def restart(self) -> None:
        """Start it again after it has ended."""
        self._running = self._start()

    def stop(self) -> None:
        """Ask it to stop, insist after a while."""
        self._signal_all(signal.SIGTERM)
        try:
            self._running.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def last_words(self) -> str:
        """Return the last lines that it wrote."""
        lines = self._log.read_text(errors="replace").splitlines()[-_LINES_TOLD:]
        return " | ".join(line.strip()[:1500] for line in lines if line.strip())

    def _signal_all(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)


class Several:
    """Several processes that are watched as one."""

    def __init__(self, processes: Sequence[Process]) -> None:
        self._processes = processes

    @property
    def has_ended(self) -> bool:
        """Whether one of them has ended by itself."""
        return any(each.has_ended for each in self._processes)

    def usage(self) -> Usage:
        """Tell what they have used together, and the most memory of any."""
        each = [process.usage() for process in self._processes]
        cpu_seconds = sum(usage.cpu_seconds for usage in each)
        return Usage(cpu_seconds, max(usage.peak_rss_bytes for usage in each))

    def restart(self) -> None:
        """Start those again that have ended."""
        for each in self._processes:
            if each.has_ended:
                each.restart()


def _popen(
    command: Sequence[str], environment: Mapping[str, str], log: IO[bytes], parent: int
) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603 - our own command line
        command,
        cwd=PROJECT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
        preexec_fn=lambda: tie_to_parent("KILL", parent),  # noqa: PLW1509 - no locks are held here
    )


@contextmanager
def running(
    command: Sequence[str], environment: Mapping[str, str], log: Path, cores: int = 1
) -> Iterator[Process]:
    """Run a command on the client's cores; on leaving it is stopped."""
    process = Process(pinned(command, client_cores(cores)), environment, log)
    try:
        yield process
    finally:
        process.stop()


def _sum_of(processes: Sequence[psutil.Process]) -> Usage:
    cpu_seconds, rss_bytes = 0.0, 0
    for each in processes:
        with suppress(psutil.NoSuchProcess, FileNotFoundError):
            times = each.cpu_times()
            cpu_seconds += times.user + times.system + times.children_user + times.children_system
            rss_bytes += _peak_rss_bytes(each)
    return Usage(cpu_seconds, rss_bytes)


def _peak_rss_bytes(process: psutil.Process) -> int:
    """Linux keeps the peak itself; elsewhere the samples have to do."""
    status = Path(f"/proc/{process.pid}/status")
    if not status.exists():
        return int(process.memory_info().rss)
    lines = (each for each in status.read_text().splitlines() if each.startswith("VmHWM"))
    return int(next(lines, "VmHWM: 0").split()[1]) * 1024  # one that has just ended has none
