"""Runs a supervisord, which starts and restarts programs and writes their logs.

All its files are in the stack's folder; it is controlled through its Unix socket.
"""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, Literal
from xmlrpc.client import (
    Error,
    Fault,
    ServerProxy,
)

from supervisor.xmlrpc import Faults, SupervisorTransport

from devstack.errors import StackError
from devstack.stack.folder import StackFolder, socket_root
from devstack.stack.program import Program
from devstack.stack.supervisor_files import (
    SOCKET,
    SPEC,
    remove_program,
    write_program,
    write_supervisor,
)
from devstack.stack.tether_command import tether_command, tether_environment

_START_SECONDS = 15
_POLL_SECONDS = 0.05

StateName = Literal[
    "STOPPED", "STARTING", "RUNNING", "BACKOFF", "STOPPING", "EXITED", "FATAL", "UNKNOWN"
]


@dataclass(frozen=True)
class State:
    """The state of a program in supervisord; `pid` is 0 while it does not run."""

    name: str
    state: StateName
    pid: int


class Supervisor:
    """One supervisord for the stack in `folder`."""

    def __init__(self, folder: StackFolder) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Supervisord's process id.

        Raises `StackError` if it was not started.
        """
        return self._started().pid

    def start(self) -> None:
        """Start supervisord without any program, and wait until it responds.

        The calling thread must live as long as the stack: supervisord ends with it.

        Raises `StackError` if it does not respond.
        """
        write_supervisor(self._folder)
        with (self._folder.logs / "supervisord.err").open("wb") as complaints:
            self._process = subprocess.Popen(  # noqa: S603 - our own command line
                tether_command(SPEC),
                cwd=self._folder.run,
                env=tether_environment(self._folder),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=complaints,
                process_group=0,  # this process handles Ctrl-C, not supervisord
            )
        self._wait_until_answering()

    def add(self, program: Program) -> None:
        """Add a program without starting it."""
        write_program(self._folder, program)
        with self._rpc() as supervisor:
            supervisor.reloadConfig()
            supervisor.addProcessGroup(program.name)

    def remove(self, name: str) -> None:
        """Remove a stopped program."""
        with self._rpc() as supervisor:
            supervisor.removeProcessGroup(name)
        remove_program(self._folder, name)

    def start_program(self, name: str) -> None:
        """Start a program unless it runs; do not wait for it."""
        with self._rpc() as supervisor, _accepting(Faults.ALREADY_STARTED):
            supervisor.startProcess(name, False)  # noqa: FBT003 - RPC has no keywords

    def stop_program(self, name: str) -> None:
        """Stop a program unless it has stopped; do not wait for it."""
        with self._rpc() as supervisor, _accepting(Faults.NOT_RUNNING):
            supervisor.stopProcess(name, False)  # noqa: FBT003 - RPC has no keywords

    def signal(self, name: str, signal_name: str) -> None:
        """Send a program a signal such as KILL or STOP; ignore that it is not running."""
        with self._rpc() as supervisor, _accepting(Faults.NOT_RUNNING):
            supervisor.signalProcess(name, signal_name)

    def states(self) -> dict[str, State]:
        """Return the state of every program, by name.

        Raises `StackError` if supervisord has ended.
        """
        with self._rpc() as supervisor:
            known = supervisor.getAllProcessInfo()
        return {each["name"]: State(each["name"], each["statename"], each["pid"]) for each in known}

    def is_running(self) -> bool:
        """Return whether supervisord is running."""
        return self._process is not None and self._process.poll() is None

    def shut_down(self, patience_seconds: float) -> None:
        """End supervisord and its programs, if it is running."""
        if self._process is None:
            return
        with suppress(StackError), self._rpc() as supervisor:
            supervisor.shutdown()  # faster than the signal, which it handles up to a second later
        self._process.terminate()
        try:
            self._process.wait(patience_seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            msg = "The stack was not started."
            raise StackError(msg)
        return self._process

    def _wait_until_answering(self) -> None:
        give_up_at = time.monotonic() + _START_SECONDS
        while not self._answers():
            if not self.is_running() or time.monotonic() > give_up_at:
                self.shut_down(1)
                log = self._folder.logs / "supervisord.err"
                said = " ".join(log.read_text(errors="replace").split())[-300:]
                msg = f"supervisord does not start: {said or 'it does not answer'} (see {log})"
                raise StackError(msg)
            time.sleep(_POLL_SECONDS)

    def _answers(self) -> bool:
        try:
            with self._rpc() as supervisor:
                supervisor.getState()
        except StackError:
            return False
        return True

    @contextmanager
    def _rpc(self) -> Iterator[Any]:
        """Connect to supervisord; its remote procedures have no types, hence `Any`."""
        root = socket_root(self.pid, self._folder.run)
        transport = SupervisorTransport(  # type: ignore[no-untyped-call]  # supervisor has no types
            None, None, f"unix://{root}/{SOCKET}"
        )
        try:
            with ServerProxy("http://localhost", transport=transport) as proxy:
                yield proxy.supervisor
        except Error as error:
            msg = f"supervisord refuses: {error}"
            raise StackError(msg) from error
        except (OSError, HTTPException) as error:
            msg = f"supervisord has ended or does not answer (see {self._folder.logs})."
            raise StackError(msg) from error


@contextmanager
def _accepting(fault_code: int) -> Iterator[None]:
    """Ignore this fault: the program already is in the requested state."""
    try:
        yield
    except Fault as fault:
        if fault.faultCode != fault_code:
            raise
