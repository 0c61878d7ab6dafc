"""Waiting for a condition, with a deadline that a busy machine meets."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

DEADLINE_SECONDS = 60.0
_POLL_SECONDS = 0.05
_ASYNC_POLL_SECONDS = 0.01  # polling from inside the event loop costs little


def eventually(
    condition: Callable[[], Any],
    *,
    within_seconds: float = DEADLINE_SECONDS,
    because: str = "the condition never held",
) -> Any:
    """Wait until a condition holds, and return its value; fail after a deadline."""
    deadline = time.monotonic() + within_seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, because
        time.sleep(_POLL_SECONDS)
    return value


async def eventually_async(
    condition: Callable[[], Any],
    *,
    holds: Callable[[Any], Any] = bool,
    in_thread: bool = False,
    within_seconds: float = DEADLINE_SECONDS,
) -> Any:
    """Do as `eventually` inside an event loop; the condition may be awaitable.

    `holds` decides whether a value will do. A condition that blocks is evaluated `in_thread`, and
    what is tested keeps running.
    """
    async with asyncio.timeout(within_seconds):
        while True:
            value = await asyncio.to_thread(condition) if in_thread else condition()
            if asyncio.iscoroutine(value):
                value = await value
            if holds(value):
                return value
            await asyncio.sleep(_ASYNC_POLL_SECONDS)
