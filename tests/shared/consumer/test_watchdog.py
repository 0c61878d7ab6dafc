"""A stuck process is ended after writing its stacks."""

import asyncio
import subprocess
import sys
import threading
from dataclasses import dataclass

import pytest

from shared.consumer.watchdog import Watchdog

TICK = 0.01


@dataclass
class Worker:
    pulse: int = 0
    has_work: bool = True


def watch(*workers: Worker, ticks: int = 5) -> tuple[Watchdog, threading.Event]:
    stuck = threading.Event()
    watchdog = Watchdog(workers, ticks, lambda _loop: stuck.set(), TICK)
    watchdog.start()
    return watchdog, stuck


async def test_work_without_progress_is_stuck():
    _, stuck = watch(Worker())

    assert await asyncio.to_thread(stuck.wait, 10)


@pytest.mark.parametrize("worker", [Worker(has_work=False)])
async def test_an_idle_worker_is_not_stuck(worker):
    watchdog, stuck = watch(worker)

    assert not await asyncio.to_thread(stuck.wait, 30 * TICK)
    watchdog.stop()


async def test_work_with_progress_is_not_stuck():
    worker = Worker()
    watchdog, stuck = watch(worker)

    for _ in range(30):
        worker.pulse += 1
        assert not await asyncio.to_thread(stuck.wait, TICK)
    watchdog.stop()


async def test_a_blocked_event_loop_is_stuck_whatever_else_progresses():
    _, stuck = watch(Worker(has_work=False))

    assert stuck.wait(10), "this blocks the loop, and is noticed"


PROGRAM = """
import asyncio
from shared.consumer.watchdog import Watchdog

async def never_done():
    await asyncio.get_running_loop().create_future()

async def main():
    class Worker:
        pulse, has_work = 0, True
    Watchdog([Worker()], 3, tick_seconds=0.05).start()
    await asyncio.create_task(never_done())

asyncio.run(main())
"""


def test_a_stuck_process_writes_its_stacks_and_ends_with_an_error():
    ended = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=30, check=False
    )

    assert ended.returncode == 1
    assert "never_done" in ended.stderr
    assert "most recent call first" in ended.stderr
