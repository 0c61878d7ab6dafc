"""Notes what became of messages: together what comes together.

Whoever notes waits until it is written. So nobody goes on to the next message before the last one
is noted.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from services.notify.delivery.claims import Claims
from services.notify.events import events_of
from services.notify.model import End, Failed, Notification, Outcome, Sent
from services.notify.store.documents import Settlement
from services.notify.store.notifications import MongoNotifications
from shared.errors import AbandonedError
from shared.outbox.relay import Outbox
from shared.outbox.store import Unpublished
from shared.retry import retry_until_done
from shared.waiting import sleep_unless_set

_LONGEST_GATHERING_SECONDS: Final = 0.005


@dataclass(eq=False, slots=True)
class _Page:
    """What is written in one update."""

    settlements: list[Settlement] = field(default_factory=list)
    is_written: bool = False


class Notes:
    """Writes outcomes, with the events that tell them, in one update for all that wait."""

    def __init__(
        self,
        notifications: MongoNotifications,
        claims: Claims,
        outbox: Outbox,
        now: Callable[[], datetime],
        count_ended: Callable[[End, int], None] = lambda _state, _number: None,
    ) -> None:
        self._notifications = notifications
        self._claims = claims
        self._outbox = outbox
        self._now = now
        self._count_ended = count_ended
        self._page = _Page()
        self._writing = asyncio.Lock()
        self._under_way = 0
        self._none_under_way = asyncio.Event()

    @contextmanager
    def soon(self) -> Iterator[None]:
        """Announce a note: while inside, others wait a moment to be written together with it."""
        self._under_way += 1
        self._none_under_way.clear()
        try:
            yield
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._none_under_way.set()

    async def note(
        self, settled: Sequence[tuple[Notification, Outcome]], cancelled: asyncio.Event
    ) -> None:
        """Return when these are written; raises `AbandonedError` if told to give up before."""
        page = self._page
        page.settlements += [
            Settlement(each.id, outcome, events_of(each, outcome)) for each, outcome in settled
        ]
        async with self._writing:  # while one page is written, the next one fills
            if page is self._page:  # nobody who noted on it had a turn before
                await self._gather()
                self._page = _Page()
                await self._write(page, cancelled)
        if not page.is_written:
            raise AbandonedError

    async def _gather(self) -> None:
        # One update for all connections costs little more than an update for one of them.
        if self._under_way:
            await sleep_unless_set(_LONGEST_GATHERING_SECONDS, self._none_under_way)

    async def _write(self, page: _Page, cancelled: asyncio.Event) -> None:
        settlements = page.settlements
        now = self._now()
        await retry_until_done(lambda: self._notifications.settle(settlements, now), cancelled)
        page.is_written = True
        self._claims.let_go(each.notification_id for each in settlements)
        for each in settlements:
            if isinstance(each.outcome, Sent | Failed):
                self._count_ended(each.outcome.state, 1)
        self._outbox.enqueue(
            [Unpublished(each.notification_id, each.events) for each in settlements if each.events]
        )
