"""Waits of the workers, which end when the service stops."""

import asyncio

from shared.errors import AbandonedError


async def first_of(*events: asyncio.Event) -> None:
    """Wait until one of several events is set."""
    waiting = [asyncio.create_task(each.wait()) for each in events]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waiting:
            each.cancel()


class Permits:
    """A number of permits, each held by one mail until its outcome is stored."""

    def __init__(self, number: int) -> None:
        self._free = number
        self._freed = asyncio.Event()

    async def take(self, closing: asyncio.Event) -> None:
        """Wait for a permit; raises `AbandonedError` when `closing` is set meanwhile."""
        while not self._free:
            if closing.is_set():
                raise AbandonedError
            self._freed.clear()
            await first_of(self._freed, closing)
        self._free -= 1

    def give_back(self, number: int = 1) -> None:
        """Return permits."""
        self._free += number
        self._freed.set()
