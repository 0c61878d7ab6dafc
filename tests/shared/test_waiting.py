"""Pauses end early when something happens, and a cancellation always ends them."""

import asyncio

from shared.waiting import sleep_unless_set


async def test_a_pause_ends_by_itself():
    await sleep_unless_set(0.001, asyncio.Event())


async def test_a_pause_ends_early_when_the_event_is_set():
    event = asyncio.Event()
    waiting = asyncio.create_task(sleep_unless_set(3600, event))
    await asyncio.sleep(0)

    event.set()

    await waiting


async def test_a_cancellation_in_the_moment_of_the_event_is_not_lost():
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

    ended, _ = await asyncio.wait({pausing}, timeout=5)
    assert ended
