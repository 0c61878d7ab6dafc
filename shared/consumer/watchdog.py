"""Ends a process that is stuck, after writing its stacks; an orchestrator restarts it.

The watchdog runs in its own thread, because a blocked event loop cannot watch itself. It counts its
own ticks instead of reading the clock: a process that was suspended as a whole is not stuck.
"""

import asyncio
import faulthandler
import os
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Final, Protocol

_TICK_SECONDS: Final = 1.0


class Progress(Protocol):
    """Something to watch: `pulse` must change while `has_work` is true."""

    @property
    def pulse(self) -> int: ...  # noqa: D102
    @property
    def has_work(self) -> bool: ...  # noqa: D102


class _LoopBeat:
    """The event loop itself, which always has work."""

    has_work = True

    def __init__(self) -> None:
        self.pulse = 0

    def beat(self) -> None:
        self.pulse += 1


def dump_and_exit(loop: asyncio.AbstractEventLoop) -> None:
    """Write the stacks of all threads and tasks to standard error, and end the process."""
    faulthandler.dump_traceback(all_threads=True)
    for task in asyncio.all_tasks(loop):
        task.print_stack(file=sys.stderr)
    sys.stderr.flush()
    os._exit(1)


class Watchdog:
    """Calls `on_stuck` in its thread when something with work made no progress for too long."""

    def __init__(
        self,
        watched: Sequence[Progress],
        stuck_seconds: int,
        on_stuck: Callable[[asyncio.AbstractEventLoop], None] = dump_and_exit,
        tick_seconds: float = _TICK_SECONDS,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._beat = _LoopBeat()
        self._watched = (self._beat, *watched)
        self._most_ticks = stuck_seconds
        self._on_stuck = on_stuck
        self._tick_seconds = tick_seconds
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)

    def start(self) -> None:
        """Start watching."""
        self._thread.start()

    def stop(self) -> None:
        """Stop watching."""
        self._ended.set()

    def _run(self) -> None:
        seen = [-1] * len(self._watched)
        still = [0] * len(self._watched)
        while not self._ended.wait(self._tick_seconds):
            self._loop.call_soon_threadsafe(self._beat.beat)
            for place, each in enumerate(self._watched):
                moved = each.pulse != seen[place] or not each.has_work
                still[place] = 0 if moved else still[place] + 1
                seen[place] = each.pulse
            if max(still) >= self._most_ticks:
                self._on_stuck(self._loop)
                return
