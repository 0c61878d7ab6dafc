"""Keeps the edition in memory up to date with what is stored, by whichever process stored it."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Protocol

from services.portal.rules import Fact
from services.portal.site.edition import Edition, Facts
from shared.errors import TransientError
from shared.waiting import sleep_unless_set


class FactStore(Protocol):
    """Where facts are read from."""

    async def count(self) -> int:
        """Return about how many facts there are."""
        ...

    async def unknown(self, known: Collection[str]) -> Sequence[Fact]:
        """Return the facts whose ids are not in `known`."""
        ...


class Site:
    """What the site shows, and as of when.

    Facts never become untrue. So what was read stays: while the database is away, and also while
    it is emptied and filled again from the topics.
    """

    def __init__(self, store: FactStore, seconds: float, now: Callable[[], datetime]) -> None:
        self._store, self._seconds, self._now = store, seconds, now
        self._facts = Facts()
        self._counted = -1
        self.edition = Edition()
        self.as_of: datetime | None = None

    async def run(self, closing: asyncio.Event) -> None:
        """Look for new facts until `closing` is set."""
        while not closing.is_set():
            with suppress(TransientError):  # `as_of` says how old the edition is
                await self.refresh()
            await sleep_unless_set(self._seconds, closing)

    async def refresh(self) -> None:
        """Look once; raises `TransientError` while the database is away."""
        started, counted = self._now(), await self._store.count()
        if counted != self._counted:
            new = await self._store.unknown(self._facts.ids)
            if new:
                self._facts.add(new)
                self.edition = self._facts.edition()
            self._counted = counted
        self.as_of = started

    async def is_loaded(self) -> bool:
        """Return whether the database was read at least once."""
        return self.as_of is not None
