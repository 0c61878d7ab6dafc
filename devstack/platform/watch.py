"""Watching a running stack: what died and came back, what was given up."""

from collections.abc import Callable

from devstack.errors import StackError
from devstack.stack.stack import Stack
from devstack.stack.supervision import State


class Watch:
    """Notices changes between one look at a stack and the next."""

    def __init__(self, stack: Stack, say: Callable[[str], None]) -> None:
        self._stack = stack
        self._say = say
        self._pids = {name: state.pid for name, state in stack.states().items()}

    def look(self) -> None:
        """Tell of each program that has died and runs again since the last look.

        Raises:
            StackError: A program was given up, or supervisord itself has ended.
        """
        for state in self._stack.states().values():
            self._look_at(state)

    def _look_at(self, state: State) -> None:
        if state.state == "FATAL":
            last_words = self._stack.folder.last_words(state.name)
            msg = f"{state.name} keeps failing and was given up. {last_words}"
            raise StackError(msg)
        if state.pid and state.pid != self._pids.get(state.name):
            self._pids[state.name] = state.pid
            log = self._stack.folder.logs / f"{state.name}.log"
            self._say(f"{state.name} has ended and was started again; see {log}")
