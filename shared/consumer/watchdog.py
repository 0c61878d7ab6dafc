"""Ends a process that is stuck, after writing its stacks; an orchestrator restarts it.

The watchdog runs in its own thread, because a blocked event loop cannot watch itself. It counts its
own ticks instead of reading the clock: a process that was suspended as a whole is not stuck.
"""

import asyncio
import os
import sys
import threading
from collections.abc import Callable, Sequence
from traceback import StackSummary, extract_stack
from typing import Final, Protocol

import structlog

from shared.error_fields import stack_text

log = structlog.get_logger()

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
    """Log the stacks of all threads and tasks, and end the process."""
    threads = {each.ident: each.name for each in threading.enumerate()}
    # Log: The process made no progress for too long, and ends so that it is started again; the
    # stacks say where it stands. See docs/runbooks/services.md.
    log.critical(
        "process.stuck",
        threads={
            threads.get(ident, "unknown"): stack_text(extract_stack(frame))
            for ident, frame in sys._current_frames().items()  # noqa: SLF001  # as documented
        },
        tasks=[_stack_of(task) for task in asyncio.all_tasks(loop)],
    )
    os._exit(1)


def _stack_of(task: "asyncio.Task[object]") -> str:
    frames = ((frame, frame.f_lineno) for frame in task.get_stack())
    return stack_text(StackSummary.extract(frames))


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
