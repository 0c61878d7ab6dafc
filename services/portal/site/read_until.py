"""As of when the site is: until when it has read what was published, by whichever process."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from typing import Protocol

from shared.errors import TransientError
from shared.waiting import running_until, sleep_unless_set


class Memory(Protocol):
    """Where the moment is kept, beside the facts that were read until then."""

    async def read_until(self) -> datetime | None:
        """Return the moment that is kept."""
        ...

    async def keep_read_until(self, moment: datetime) -> None:
        """Keep a moment, unless a later one is kept."""
        ...


class ReadUntil:
    """Finds out until when everything that was published is in the database, and on the site.

    The site has it once it has looked into the database after that was known: `looked_at` says when
    it last began to. The moment never goes back, since facts never become untrue.
    """

    def __init__(
        self,
        has_read_until: Callable[[datetime], Awaitable[bool]],
        memory: Memory,
        looked_at: Callable[[], datetime | None],
        now: Callable[[], datetime],
        seconds: float,
    ) -> None:
        self._has_read_until, self._memory = has_read_until, memory
        self._looked_at, self._now, self._seconds = looked_at, now, seconds
        self._asked: datetime | None = None
        self._known: datetime | None = None
        self._found: tuple[datetime, datetime] | None = None  # the moment, and when it was found

    async def run(self, closing: asyncio.Event) -> None:
        """Ask until `closing` is set; Kafka and the database may be away."""
        while not closing.is_set():
            async with running_until(closing, self._ask_if_possible()):
                pass
            await sleep_unless_set(self._seconds, closing)

    async def ask(self) -> None:
        """Ask once; raises `TransientError` while Kafka or the database is away."""
        if self._found is None:
            self._find(await self._memory.read_until())
        # The same moment until it is reached: under load the end of the topics always moves on.
        self._asked = self._asked or self._now()
        if await self._has_read_until(self._asked):
            moment, self._asked = self._asked, None
            self._find(moment)
            await self._memory.keep_read_until(moment)

    def as_of(self) -> datetime | None:
        """Return the moment until which the site has everything; `None` if it is not known."""
        looked_at = self._looked_at()
        if self._found and looked_at and looked_at >= self._found[1]:
            self._known = max(self._found[0], self._known or self._found[0])
        return self._known

    def _find(self, moment: datetime | None) -> None:
        self.as_of()
        if moment:
            self._found = moment, self._now()

    async def _ask_if_possible(self) -> None:
        with suppress(TransientError):
            await self.ask()
