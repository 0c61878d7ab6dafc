"""Counts applications in the background, for no more than a small share of the time."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Final, Protocol

from services.portal.site.looking import Looks
from services.portal.site.read_until import CompleteUntil
from services.portal.statistics.tally import Tally, replaced
from shared.waiting import sleep_unless_set

SHARE: Final = 0.05  # of the time may go into counting
SLICE: Final = 0.1  # seconds, after which the counting rests


class Counted(Protocol):
    """Where applications are counted."""

    async def marks(self) -> Mapping[str, str]:
        """Return the mark of each bucket; it changes whenever its documents do."""
        ...

    async def tally(self, bucket: str) -> Tally:
        """Count a bucket."""
        ...


class Statistics:
    """The numbers of all applications: `as_of` they were counted, with all events `read_until`.

    Only what has changed is counted again, one bucket after the other, and in between the counting
    rests in proportion. Applications and decisions never become fewer: while the read model is
    rebuilt from the topics, a bucket keeps its numbers until it has caught up. `failed` is told of
    counts that failed, unless the database was away.
    """

    def __init__(  # noqa: PLR0913  # the clock is for tests alone
        self,
        store: Counted,
        seconds: float,
        now: Callable[[], datetime],
        failed: Callable[[], None] = lambda: None,
        complete_until: CompleteUntil = lambda looked_at: looked_at,
        *,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._looks = Looks(failed)
        self._store, self._seconds, self._now, self._clock = store, seconds, now, clock
        self._buckets: dict[str, _Bucket] = {}
        self._looked: datetime | None = None
        self.tally = Tally()
        self._complete_until = complete_until
        self.as_of: datetime | None = None
        self.read_until: datetime | None = None

    async def run(self, closing: asyncio.Event) -> None:
        """Count what changes until `closing` is set."""
        while not closing.is_set():
            took = await self._looks.attempt(self.refresh(), 0.0)
            await sleep_unless_set(max(self._seconds, took / SHARE - took), closing)

    async def refresh(self) -> float:
        """Count changed buckets for a moment, at first all; return for how long, in seconds.

        Raises `TransientError` while the database is away.
        """
        looked, marks = self._now(), await self._store.marks()
        started = self._clock()
        for each in self._changed(marks, looked):
            await self._count(self._buckets[each], each, marks[each])
            if self.as_of is not None and self._clock() - started > SLICE:
                break
        self._note_age(marks, looked)
        return self._clock() - started

    def _changed(self, marks: Mapping[str, str], looked: datetime) -> Sequence[str]:
        """Return the buckets with a new mark, the one first that was counted longest ago."""
        for each in marks:  # one that is new had no documents when we last looked
            self._buckets.setdefault(each, _Bucket(as_of=self._looked or looked))
        changed = [each for each in marks if marks[each] != self._buckets[each].mark]
        return sorted(changed, key=lambda each: self._buckets[each].counted_at)

    async def _count(self, bucket: "_Bucket", name: str, mark: str) -> None:
        tally = await self._store.tally(name)
        bucket.mark, bucket.counted_at = mark, self._clock()
        bucket.is_held = tally.is_behind(bucket.tally)
        if not bucket.is_held:
            self.tally = replaced(self.tally, bucket.tally, tally)
            bucket.tally = tally

    def _note_age(self, marks: Mapping[str, str], looked: datetime) -> None:
        """Note since when the numbers hold: they are as old as those of the oldest bucket."""
        for name, each in self._buckets.items():
            if each.mark == marks.get(name) and not each.is_held:
                each.as_of = looked
        self.as_of = min((each.as_of for each in self._buckets.values()), default=looked)
        self.read_until = self._complete_until(self.as_of)
        self._looked = looked


@dataclass(slots=True)
class _Bucket:
    """The numbers of a bucket, the mark they were counted by, and whether they are kept."""

    as_of: datetime
    tally: Tally = field(default_factory=Tally)
    mark: str = ""
    counted_at: float = 0.0
    is_held: bool = False
