"""The process of a contender: pinned to its core, and measured and stopped from outside."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import psutil  # type: ignore[import-untyped]  # has no type information

from bench.harness.machine import contender_cores, pinned_command
from devstack.stack.program import PROJECT
from devstack.stack.tether import tie_to_parent

_STOP_SECONDS: Final = 15
_LOG_TAIL_LINES: Final = 4


@dataclass(frozen=True, slots=True)
class Usage:
    """CPU time and peak memory of a process and its children so far."""

    cpu_seconds: float
    peak_rss_bytes: int


class Process:
    """A contender's process and its children."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self._command = command
        self._environment = {
            **os.environ,
            "PYTHONPATH": str(PROJECT),
            "PYTHONDONTWRITEBYTECODE": "",  # bytecode is cached, as in an image
            **environment,
        }
        self._log = log
        self._popen = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        parent = os.getpid()
        with self._log.open("ab") as log:
            return _start_in_session(self._command, self._environment, log, parent)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._popen.pid

    @property
    def has_exited(self) -> bool:
        """Whether the process has exited by itself."""
        return self._popen.poll() is not None

    def usage(self) -> Usage:
        """Return the usage of the process and its children; zero once it has exited."""
        return usage_of(self.pid)

    def kill(self) -> None:
        """Send SIGKILL, and wait until the process has exited."""
        self._signal_all(signal.SIGKILL)
        self._popen.wait()

    def restart(self) -> None:
        """Start the process again after it has exited."""
        self._popen = self._start()

    def stop(self) -> None:
        """Send SIGTERM, and SIGKILL after a timeout."""
        self._signal_all(signal.SIGTERM)
        try:
            self._popen.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def log_tail(self) -> str:
        """Return the last lines of its log."""
        lines = self._log.read_text(errors="replace").splitlines()[-_LOG_TAIL_LINES:]
        return " | ".join(line.strip()[:1500] for line in lines if line.strip())

    def _signal_all(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)


class ProcessGroup:
    """Several processes, measured as one."""

    def __init__(self, processes: Sequence[Process]) -> None:
        self._processes = processes

    @property
    def has_exited(self) -> bool:
        """Whether one of the processes has exited by itself."""
        return any(each.has_exited for each in self._processes)

    def usage(self) -> Usage:
        """Return the total CPU time, and the peak memory of the largest process."""
        each = [process.usage() for process in self._processes]
        cpu_seconds = sum(usage.cpu_seconds for usage in each)
        return Usage(cpu_seconds, max(usage.peak_rss_bytes for usage in each))

    def restart(self) -> None:
        """Start the processes again that have exited."""
        for each in self._processes:
            if each.has_exited:
                each.restart()


def _start_in_session(
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
def process_running(
    command: Sequence[str], environment: Mapping[str, str], log: Path, cores: int = 1
) -> Iterator[Process]:
    """Run a command on the contender's cores; stop it when the block ends."""
    process = Process(pinned_command(command, contender_cores(cores)), environment, log)
    try:
        yield process
    finally:
        process.stop()


def usage_of(pid: int) -> Usage:
    """Return the usage of a process and its children; zero once it has exited."""
    try:
        root = psutil.Process(pid)
        return _total_usage([root, *root.children(recursive=True)])
    except psutil.NoSuchProcess:
        return Usage(0.0, 0)


def _total_usage(processes: Sequence[psutil.Process]) -> Usage:
    cpu_seconds, rss_bytes = 0.0, 0
    for each in processes:
        with suppress(psutil.NoSuchProcess, FileNotFoundError):
            times = each.cpu_times()
            cpu_seconds += times.user + times.system + times.children_user + times.children_system
            rss_bytes += _peak_rss_bytes(each)
    return Usage(cpu_seconds, rss_bytes)


def _peak_rss_bytes(process: psutil.Process) -> int:
    """Return the peak on Linux, which records it, and the current value elsewhere."""
    status = Path(f"/proc/{process.pid}/status")
    if not status.exists():
        return int(process.memory_info().rss)
    lines = (each for each in status.read_text().splitlines() if each.startswith("VmHWM"))
    return int(next(lines, "VmHWM: 0").split()[1]) * 1024  # absent if the process has just exited
