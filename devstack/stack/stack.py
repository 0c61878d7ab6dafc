"""The stack: starts its programs in order, supervises and stops them; tests can disturb them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Self

from devstack.errors import StackError
from devstack.stack.folder import StackFolder
from devstack.stack.ports import require_free
from devstack.stack.processes import end_leftovers, is_frozen
from devstack.stack.program import Program, Stage
from devstack.stack.supervision import State, Supervisor
from devstack.waiting import wait_until

_LEFTOVER_SECONDS = 10
_SUPERVISOR_SECONDS = 3
_KILL_SECONDS = 10
_UP = frozenset({"STARTING", "RUNNING", "BACKOFF", "STOPPING"})


def _ignore(_name: str) -> None:
    """Ignore that a program is ready."""


class Stack:
    """Programs that run in `folder` on `ports`, supervised by a supervisord of their own.

    A program that dies is restarted. When the process that started the stack ends, even by SIGKILL,
    the stack ends too.
    """

    def __init__(
        self, folder: StackFolder, ports: Mapping[str, int], programs: Iterable[Program]
    ) -> None:
        self.folder = folder
        self.ports = ports
        self._programs = {program.name: program for program in programs}
        self._supervisor = Supervisor(folder)

    def __enter__(self) -> Self:
        """Start; if that fails, stop everything that was started."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.stop()

    @property
    def supervisor_pid(self) -> int:
        """The process id of supervisord, whose children the programs are."""
        return self._supervisor.pid

    def start(self, on_ready: Callable[[str], None] = _ignore) -> None:
        """Start all programs, stage by stage, and wait until each is ready.

        Processes of an earlier run in this folder are ended first. `on_ready` is called with the
        name of each program when it is ready.

        Raises `StackError` if a program cannot start, after stopping those that had started.
        """
        self.folder.create()
        end_leftovers(self.folder.root, _LEFTOVER_SECONDS)
        require_free(self.ports)
        try:
            self._supervisor.start()
            for stage in Stage:
                self._start_together(self._names(stage), on_ready)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop all programs, in reverse order; may be called repeatedly."""
        if self._supervisor.is_running():
            # If supervisord ends meanwhile, its programs end with it.
            with suppress(StackError):
                for stage in reversed(Stage):
                    self._stop_together(self._names(stage))
        self._supervisor.shut_down(_SUPERVISOR_SECONDS)
        end_leftovers(self.folder.root, _LEFTOVER_SECONDS)

    def states(self) -> dict[str, State]:
        """Return the state of each program.

        Raises `StackError` if supervisord has ended.
        """
        return self._supervisor.states()

    def kill(self, name: str) -> None:
        """Send SIGKILL to a program and wait until it is gone; supervisord then restarts it."""
        pid = self.states()[name].pid
        self._supervisor.signal(name, "KILL")
        wait_until(lambda: self.states()[name].pid != pid, _KILL_SECONDS)

    def pause(self, name: str) -> None:
        """Freeze a program (SIGSTOP): its connections stay open, but it does not respond.

        Returns once each of its threads stands still; on a busy machine that takes a moment.
        """
        pid = self.states()[name].pid
        self._supervisor.signal(name, "STOP")
        wait_until(lambda: is_frozen(pid), _KILL_SECONDS)

    def resume(self, name: str) -> None:
        """Resume a paused program."""
        self._supervisor.signal(name, "CONT")

    def stop_program(self, name: str) -> None:
        """Stop one program and wait until it has stopped."""
        self._stop_together([name])

    def start_program(self, name: str) -> None:
        """Start a stopped program and wait until it is ready.

        Raises `StackError` if it does not become ready.
        """
        self.begin_program(name)
        self.wait_ready(name)

    def begin_program(self, name: str) -> None:
        """Start a stopped program without waiting until it is ready."""
        self._supervisor.start_program(name)

    def add_program(self, program: Program) -> None:
        """Start one more program in the running stack and wait until it is ready.

        Raises `StackError` if it does not become ready, after removing it again.
        """
        self._programs[program.name] = program
        try:
            self._start_together([program.name], _ignore)
        except BaseException:
            self.remove_programs(program.name)
            raise

    def remove_programs(self, *names: str) -> None:
        """Stop programs, all at the same time, and remove them from the stack."""
        self._stop_together(names)
        for name in names:
            self._supervisor.remove(name)
            del self._programs[name]

    def wait_ready(self, name: str) -> None:
        """Wait until a program is ready.

        Raises `StackError` if it keeps failing, or is not ready in time.
        """
        self._wait_for([name], _ignore)

    def log(self, name: str) -> str:
        """Return the newest part of what a program wrote."""
        return self.folder.log(name)

    def _names(self, stage: Stage) -> Sequence[str]:
        return [name for name, program in self._programs.items() if program.stage == stage]

    def _start_together(self, names: Sequence[str], on_ready: Callable[[str], None]) -> None:
        for name in names:
            self._programs[name].prepare()
            self._supervisor.add(self._programs[name])
            self._supervisor.start_program(name)
        self._wait_for(names, on_ready)

    def _wait_for(self, names: Sequence[str], on_ready: Callable[[str], None]) -> None:
        waiting = dict.fromkeys(names)

        def all_are_ready() -> bool:
            states = self.states()
            for name in [name for name in waiting if self._is_ready(name, states[name])]:
                del waiting[name]
                on_ready(name)
            return not waiting

        patience_seconds = max((self._programs[name].ready_seconds for name in names), default=0)
        if not wait_until(all_are_ready, patience_seconds):
            late = " and ".join(waiting)
            msg = f"{late}: not ready after {patience_seconds} s. "
            raise StackError(msg + self.folder.last_words(next(iter(waiting))))

    def _is_ready(self, name: str, state: State) -> bool:
        program = self._programs[name]
        if state.state == "FATAL" or (state.state == "EXITED" and not program.restart):
            msg = f"{name} ends soon after its start. {self.folder.last_words(name)}"
            raise StackError(msg)
        return state.pid != 0 and program.is_ready()

    def _stop_together(self, names: Sequence[str]) -> None:
        running = self._up(names)
        for name in running:
            self.resume(name)  # a paused program does not handle signals
            self._supervisor.stop_program(name)
        # After the program's own time supervisord sends SIGKILL.
        patience_seconds = 3 + max((self._programs[name].stop_seconds for name in names), default=0)
        wait_until(lambda: not self._up(running), patience_seconds)

    def _up(self, names: Sequence[str]) -> Sequence[str]:
        up = {name for name, each in self.states().items() if each.state in _UP}
        return [name for name in names if name in up]
