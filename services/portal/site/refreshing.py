"""Keeps the edition in memory up to date with what is stored, by whichever process stored it."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Final, Protocol

import structlog

from services.portal.rules import Fact
from services.portal.site.edition import Edition, Facts
from shared.error_fields import error_fields
from shared.errors import TransientError
from shared.service.memory import exclude_from_collection
from shared.waiting import sleep_unless_set

log = structlog.get_logger()
_MANY_FACTS: Final = 1_000
_FACTS_AT_ONCE: Final = 20  # some milliseconds of preparing what is searched

CompleteUntil = Callable[[datetime], datetime | None]
"""Until when everything published is in a database that was read at a time; see `ReadUntil`."""


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
        self._store, self._seconds, self._now, self._failed = store, seconds, now, failed
        self._complete_until = complete_until
        self._is_failing = False
        self._facts = Facts()
        self._counted = -1
        self.edition = Edition()
        self.as_of: datetime | None = None
        self.read_until: datetime | None = None

    async def run(self, closing: asyncio.Event) -> None:
        """Look for new facts until `closing` is set."""
        while not closing.is_set():
            try:
                await self.refresh()
                self._is_failing = False
            except TransientError:
                pass  # `as_of` says how old the edition is
            except Exception as error:  # noqa: BLE001  # old pages are better than none
                self._note(error)
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

    def _note(self, error: Exception) -> None:
        if not self._is_failing:
            # Log: The site cannot read what was published since, and goes on with what it has. Said
            # once, until it has read again.
            log.error("site.refresh_failed", **error_fields(error))
        self._is_failing = True
        self._failed()

    async def is_loaded(self) -> bool:
        """Return whether the database was read at least once."""
        return self.as_of is not None

    def shown_at(self) -> float:
        """Return `as_of` as a Unix time, 0 if the database was never read."""
        return self.as_of.timestamp() if self.as_of else 0.0

    def number_of(self, kind: str) -> int:
        """Return how many items of a kind are published."""
        return len(self.edition.by_kind.get(kind, ()))
