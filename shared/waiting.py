"""Waits that end early when an event is set."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any


async def sleep_unless_set(seconds: float, until: asyncio.Event) -> None:
    """Sleep for `seconds`, or until the event is set, whichever comes first.

    Unlike `asyncio.wait_for` before Python 3.12, it does not lose a cancellation that arrives as
    the event is set.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await until.wait()


@asynccontextmanager
async def running_until(
    closing: asyncio.Event, work: Coroutine[Any, Any, None]
) -> AsyncIterator["asyncio.Task[None]"]:
    """Run `work` in the background until `closing` is set; cancel it when the block ends.

    An error in `work` ends the wait and is raised.
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
