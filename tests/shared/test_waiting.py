"""Sleeps and background work that end with an event."""

import asyncio

import pytest

from shared.waiting import running_until, sleep_unless_set
from tests.waiting import DEADLINE_SECONDS


async def test_a_sleep_ends_by_itself():
    await sleep_unless_set(0.001, asyncio.Event())


async def test_a_sleep_ends_early_when_the_event_is_set():
    event = asyncio.Event()
    waiting = asyncio.create_task(sleep_unless_set(3600, event))
    await asyncio.sleep(0)

    event.set()

    await waiting


async def test_a_cancellation_at_the_same_time_as_the_event_is_not_lost():
    event = asyncio.Event()

    async def pause_for_ever():
        while True:
            await sleep_unless_set(3600, event)
            event.clear()

    pausing = asyncio.create_task(pause_for_ever())
    await asyncio.sleep(0)

    event.set()
    await asyncio.sleep(0)
    pausing.cancel()

    ended, _ = await asyncio.wait({pausing}, timeout=DEADLINE_SECONDS)
    assert ended


async def forever() -> None:
    await asyncio.Event().wait()


async def failing() -> None:
    raise ZeroDivisionError


async def test_work_that_hangs_is_cancelled():
    closing = asyncio.Event()
    asyncio.get_running_loop().call_soon(closing.set)

    async with asyncio.timeout(DEADLINE_SECONDS), running_until(closing, forever()) as work:
        assert not work.done()

    assert work.cancelled()


async def test_work_may_get_time_to_finish():
    closing, finished = asyncio.Event(), asyncio.Event()
    closing.set()

    async def finishing() -> None:
        await closing.wait()
        finished.set()

    async with running_until(closing, finishing()) as work:
        await asyncio.wait({work}, timeout=DEADLINE_SECONDS)

    assert finished.is_set()
    assert not work.cancelled()


async def test_an_error_in_the_work_is_raised_at_once():
    with pytest.raises(ZeroDivisionError):
        async with asyncio.timeout(DEADLINE_SECONDS), running_until(asyncio.Event(), failing()):
            pass
