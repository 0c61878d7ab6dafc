"""A stuck process is ended after writing its stacks."""

import asyncio
import subprocess
import sys
import threading

import pytest

from shared.consumer.watchdog import Watchdog
from tests.log_lines import log_lines, undocumented
from tests.waiting import DEADLINE_SECONDS, eventually_async

STUCK_TICKS = 5


class Worker:
    """A worker that moves at every look, or never."""

    def __init__(self, *, moves: bool, has_work: bool = True) -> None:
        self.has_work = has_work
        self.looks = 0
        self._moves = moves

    @property
    def pulse(self) -> int:
        self.looks += 1
        return self.looks if self._moves else 0


class InStep(Worker):
    """A worker at which every look waits for the event loop to run.

    The watchdog then counts turns of the loop instead of time, and a busy machine is never stuck.
    """

    def __init__(self, *, moves: bool, has_work: bool = True) -> None:
        super().__init__(moves=moves, has_work=has_work)
        self._loop = asyncio.get_running_loop()

    @property
    def pulse(self) -> int:
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0), self._loop).result()
        return super().pulse


def watch(worker: Worker) -> tuple[Watchdog, threading.Event]:
    stuck = threading.Event()
    watchdog = Watchdog([worker], STUCK_TICKS, lambda _loop: stuck.set(), tick_seconds=0.001)
    watchdog.start()
    return watchdog, stuck


async def test_work_without_progress_is_stuck():
    _, stuck = watch(InStep(moves=False))

    assert await asyncio.to_thread(stuck.wait, DEADLINE_SECONDS)


@pytest.mark.parametrize(
    ("moves", "has_work"), [(True, True), (False, False)], ids=["work with progress", "no work"]
)
async def test_work_with_progress_or_no_work_is_not_stuck(moves, has_work):
    worker = InStep(moves=moves, has_work=has_work)
    watchdog, stuck = watch(worker)

    await eventually_async(lambda: stuck.is_set() or worker.looks > 10 * STUCK_TICKS)

    watchdog.stop()
    await asyncio.to_thread(watchdog._thread.join)  # noqa: SLF001  # it needs the loop until then
    assert not stuck.is_set()


async def test_a_blocked_event_loop_is_stuck_whatever_else_progresses():
    _, stuck = watch(Worker(moves=True))

    assert stuck.wait(DEADLINE_SECONDS), "this blocks the loop, and is noticed"


PROGRAM = """
import asyncio
from shared.consumer.watchdog import Watchdog
from shared.service.logs import configure_logs

class Worker:
    pulse, has_work = 0, True

async def never_done():
    Watchdog([Worker()], 3, tick_seconds=0.05).start()
    await asyncio.get_running_loop().create_future()

async def main():
    await asyncio.create_task(never_done())

configure_logs("stuck")
asyncio.run(main())
"""


def test_a_stuck_process_writes_its_stacks_and_ends_with_an_error():
    ended = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        text=True,
        timeout=2 * DEADLINE_SECONDS,
        check=False,
    )

    assert ended.returncode == 1
    [stuck] = log_lines(ended.stdout)
    assert (stuck["event"], undocumented(stuck)) == ("process.stuck", [])
    assert any("never_done" in each for each in stuck["tasks"])
    assert {"MainThread", "watchdog"} <= stuck["threads"].keys()
