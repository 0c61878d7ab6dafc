"""As of when the site is: until when it has read what was published, by whichever process."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final, Protocol

from services.portal.site.looking import Looks
from shared.waiting import running_until, sleep_unless_set

_REMEMBERED: Final = 100  # eight minutes: statistics are counted for at most three

CompleteUntil = Callable[[datetime], datetime | None]
"""Until when everything published is in a database that was read at a time."""


class Memory(Protocol):
    """What is kept beside the facts about their completeness."""

    async def read_until(self) -> datetime | None:
        """Return the moment that is kept."""
        ...

    async def keep_read_until(self, moment: datetime) -> None:
        """Keep a moment, unless a later one is kept."""
        ...

    async def is_being_filled(self) -> bool:
        """Return whether the database lacks facts that the group has read."""
        ...


class ReadUntil:
    """Finds out until when everything that was published is in the database, and on the site.

    The moment never goes back, since facts never become untrue.
    """

    def __init__(
        self,
        has_read_until: Callable[[datetime], Awaitable[bool]],
        memory: Memory,
        now: Callable[[], datetime],
        seconds: float,
        failed: Callable[[], None] = lambda: None,
    ) -> None:
        self._looks = Looks(failed)
        self._has_read_until, self._memory = has_read_until, memory
        self._now, self._seconds = now, seconds
        self._asked: datetime | None = None
        # Moments, each with the time at which it was found that the database is complete until then
        self._found: deque[tuple[datetime, datetime]] = deque(maxlen=_REMEMBERED)
        self._remembers = False

    async def run(self, closing: asyncio.Event) -> None:
        """Ask until `closing` is set; Kafka and the database may be away."""
        while not closing.is_set():
            async with running_until(closing, self._looks.attempt(self.ask(), None)):
                pass
            await sleep_unless_set(self._seconds, closing)

    async def ask(self) -> None:
        """Ask once; raises `TransientError` while Kafka or the database is away."""
        if await self._memory.is_being_filled():
            return
        if not self._remembers:
            self._find(await self._memory.read_until())
            self._remembers = True
        # The same moment until it is reached: under load the end of the topics always moves on.
        self._asked = self._asked or self._now()
        if await self._has_read_until(self._asked):
            moment, self._asked = self._asked, None
            self._find(moment)
            await self._memory.keep_read_until(moment)

    def at(self, looked_at: datetime) -> datetime | None:
        """Return until when a site has everything that began to read the database at that time.

        `None` if it is not known.
        """
        return max((moment for moment, found in self._found if found <= looked_at), default=None)

    def _find(self, moment: datetime | None) -> None:
        if moment:
            self._found.append((moment, self._now()))
