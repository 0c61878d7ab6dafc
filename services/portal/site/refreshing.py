"""Keeps the edition in memory up to date with what is stored, by whichever process stored it."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Final, Protocol

from services.portal.rules import Fact
from services.portal.site.edition import Edition, Facts
from services.portal.site.looking import Looks
from services.portal.site.read_until import CompleteUntil
from shared.service.memory import exclude_from_collection
from shared.waiting import sleep_unless_set

_MANY_FACTS: Final = 1_000
_FACTS_AT_ONCE: Final = 20  # some milliseconds of preparing what is searched


class FactStore(Protocol):
    """Where facts are read from."""

    async def count(self) -> int:
        """Return about how many facts there are."""
        ...

    async def unknown(self, known: Collection[str]) -> Sequence[Fact]:
        """Return the facts whose ids are not in `known`."""
        ...


class Site:
    """What the site shows: `as_of` it has read the database, `read_until` it has all of the topics.

    Facts never become untrue. So what was read stays: while the database is away, and also while
    it is emptied and filled again from the topics. An error in looking for new ones, such as a fact
    that only a later release can read, ends nothing either; `failed` is told of it.
    """

    def __init__(
        self,
        store: FactStore,
        seconds: float,
        now: Callable[[], datetime],
        failed: Callable[[], None] = lambda: None,
        complete_until: CompleteUntil = lambda looked_at: looked_at,
    ) -> None:
        self._store, self._seconds, self._now = store, seconds, now
        self._looks = Looks(failed)
        self._complete_until = complete_until
        self._facts = Facts()
        self._counted = -1
        self.edition = Edition()
        self.as_of: datetime | None = None
        self.read_until: datetime | None = None

    async def run(self, closing: asyncio.Event) -> None:
        """Look for new facts until `closing` is set."""
        while not closing.is_set():
            await self._looks.attempt(self.refresh(), None)
            await sleep_unless_set(self._seconds, closing)

    async def refresh(self) -> None:
        """Look once; raises `TransientError` while the database is away."""
        started, counted = self._now(), await self._store.count()
        if counted != self._counted:
            new = await self._store.unknown(self._facts.ids)
            if new:
                await self._add(new)
                self.edition = self._facts.edition()
            if len(new) >= _MANY_FACTS:
                exclude_from_collection()
            self._counted = counted
        self.as_of, self.read_until = started, self._complete_until(started)

    async def _add(self, facts: Sequence[Fact]) -> None:
        """Take facts in by parts, so that pages are answered meanwhile."""
        for start in range(0, len(facts), _FACTS_AT_ONCE):
            self._facts.add(facts[start : start + _FACTS_AT_ONCE])
            await asyncio.sleep(0)

    async def is_loaded(self) -> bool:
        """Return whether the database was read at least once."""
        return self.as_of is not None

    def number_of(self, kind: str) -> int:
        """Return how many items of a kind are published."""
        return len(self.edition.by_kind.get(kind, ()))
