"""Watches a running stack and reports restarted and failed programs."""

from collections.abc import Callable

from devstack.errors import StackError
from devstack.stack.stack import Stack
from devstack.stack.supervision import State


class Watch:
    """Compares the programs of a stack with those at the last check."""

    def __init__(self, stack: Stack, say: Callable[[str], None]) -> None:
        self._stack = stack
        self._say = say
        self._pids = {name: state.pid for name, state in stack.states().items()}

    def look(self) -> None:
        """Report each program that was restarted since the last check.

        Raises `StackError` if a program keeps failing, or supervisord itself has ended.
        """
        for state in self._stack.states().values():
            self._look_at(state)

    def _look_at(self, state: State) -> None:
        if state.state == "FATAL":
            last_words = self._stack.folder.last_words(state.name)
            msg = f"{state.name} keeps failing and is no longer restarted. {last_words}"
            raise StackError(msg)
        if state.pid and state.pid != self._pids.get(state.name):
            self._pids[state.name] = state.pid
            log = self._stack.folder.logs / f"{state.name}.log"
            self._say(f"{state.name} has ended and was started again; see {log}")
