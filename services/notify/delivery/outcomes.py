"""Writes the outcomes of messages, in groups.

`write` returns once the outcome is stored, so a worker records each message before it starts the
next.
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
from services.notify.store.documents import OutcomeUpdate
from services.notify.store.notifications import MongoNotifications
from shared.errors import AbandonedError
from shared.outbox.relay import Outbox
from shared.outbox.store import Unpublished
from shared.retry import retry_until_done
from shared.waiting import sleep_unless_set

_GATHER_SECONDS: Final = 0.005


@dataclass(eq=False, slots=True)
class _Batch:
    """The outcomes of one update."""

    updates: list[OutcomeUpdate] = field(default_factory=list)
    is_written: bool = False


class OutcomeWriter:
    """Writes outcomes and their events, in one update for all that wait."""

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
        self._batch = _Batch()
        self._writing = asyncio.Lock()
        self._announced = 0
        self._none_announced = asyncio.Event()

    @contextmanager
    def announce(self) -> Iterator[None]:
        """Announce a write: while the block runs, others wait briefly to be written with it."""
        self._announced += 1
        self._none_announced.clear()
        try:
            yield
        finally:
            self._announced -= 1
            if not self._announced:
                self._none_announced.set()

    async def write(
        self, outcomes: Sequence[tuple[Notification, Outcome]], cancelled: asyncio.Event
    ) -> None:
        """Store outcomes; raises `AbandonedError` if cancelled before they are stored."""
        batch = self._batch
        batch.updates += [
            OutcomeUpdate(each.id, outcome, events_of(each, outcome)) for each, outcome in outcomes
        ]
        async with self._writing:  # while one batch is written, the next one fills
            if batch is self._batch:  # no other writer of this batch was first
                await self._gather()
                self._batch = _Batch()
                await self._write(batch, cancelled)
        if not batch.is_written:
            raise AbandonedError

    async def _gather(self) -> None:
        # One update for all connections costs little more than an update for one.
        if self._announced:
            await sleep_unless_set(_GATHER_SECONDS, self._none_announced)

    async def _write(self, batch: _Batch, cancelled: asyncio.Event) -> None:
        updates = batch.updates
        now = self._now()
        await retry_until_done(lambda: self._notifications.store_outcomes(updates, now), cancelled)
        batch.is_written = True
        self._claims.drop(each.notification_id for each in updates)
        for each in updates:
            if isinstance(each.outcome, Sent | Failed):
                self._count_ended(each.outcome.state, 1)
        self._outbox.enqueue(
            [Unpublished(each.notification_id, each.events) for each in updates if each.events]
        )
