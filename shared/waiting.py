"""Pauses that end early, when something happens."""

import asyncio
from contextlib import suppress


async def pause(seconds: float, until: asyncio.Event) -> None:
    """Wait for so many seconds, or until the event is set, whichever comes first.

    A cancellation in the very moment in which the event is set is not lost, as it would be with
    `asyncio.wait_for` before Python 3.12.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await until.wait()
