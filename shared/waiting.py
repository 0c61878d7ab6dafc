"""Pauses that end early, when something happens."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any


async def sleep_unless_set(seconds: float, until: asyncio.Event) -> None:
    """Wait for so many seconds, or until the event is set, whichever comes first.

    A cancellation in the very moment in which the event is set is not lost, as it would be with
    `asyncio.wait_for` before Python 3.12.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await until.wait()


@asynccontextmanager
async def running_until(
    closing: asyncio.Event, work: Coroutine[Any, Any, None]
) -> AsyncIterator["asyncio.Task[None]"]:
    """Let `work` run until `closing` is set, and through what is inside; then it is cancelled.

    An error in it ends the waiting and is raised.
    """
    task, closed = asyncio.create_task(work), asyncio.create_task(closing.wait())
    try:
        await asyncio.wait({task, closed}, return_when=asyncio.FIRST_COMPLETED)
        yield task
    finally:
        closed.cancel()
        task.cancel()
    with suppress(asyncio.CancelledError):
        await task
