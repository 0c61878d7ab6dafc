"""Stores the outcomes of messages behind the workers, in batches.

A worker records an outcome and goes on to its next mail. At most `unrecorded` mails are sent and
not yet stored as sent: a crash repeats no more.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from services.notify.delivery.claims import Claims
from services.notify.delivery.waits import Permits
from services.notify.events import events_of
from services.notify.model import End, Failed, Notification, Outcome, Sent
from services.notify.store.documents import OutcomeUpdate
from services.notify.store.stores import Stores
from shared.errors import AbandonedError
from shared.outbox.relay import Outbox
from shared.outbox.store import Unpublished
from shared.retry import retry_until_done
from shared.waiting import sleep_unless_set

_GATHER_SECONDS: Final = 0.05


@dataclass(frozen=True, slots=True)
class Recording:
    """How many mails may be sent and not yet stored as sent, and who counts the ended ones."""

    unrecorded: int = 64
    count_ended: Callable[[End, int], None] = lambda _state, _number: None


@dataclass(eq=False, slots=True)
class _Batch:
    """The outcomes of one update, the addresses to suppress, and how many permits they hold."""

    updates: list[OutcomeUpdate] = field(default_factory=list)
    suppressed: list[str] = field(default_factory=list)
    permits: int = 0
    urgent: bool = False
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    is_stored: bool = False


class OutcomeWriter:
    """Stores outcomes with their events, in one update for all that wait."""

    def __init__(
        self,
        stores: Stores,
        claims: Claims,
        outbox: Outbox,
        now: Callable[[], datetime],
        recording: Recording,
    ) -> None:
        self._stores = stores
        self.claims = claims
        self._outbox = outbox
        self._now = now
        self._count_ended = recording.count_ended
        self._enough = max(1, recording.unrecorded // 2)
        self._batch = _Batch()
        self._some, self._many = asyncio.Event(), asyncio.Event()
        self.permits = Permits(recording.unrecorded)
        """A mail takes one before it is sent; it is free again when the outcome is stored."""

    def record(self, notification: Notification, outcome: Outcome, suppressed: str = "") -> None:
        """Store the outcome of a mail that holds a permit; returns at once."""
        batch = self._batch
        batch.updates.append(_update(notification, outcome))
        batch.permits += 1
        if suppressed:
            batch.suppressed.append(suppressed)
        self._wake()

    async def write(self, outcomes: Sequence[tuple[Notification, Outcome]]) -> None:
        """Store the outcomes of messages that are not sent.

        Raises `AbandonedError` if the service stops before they are stored.
        """
        batch = self._batch
        batch.updates += [_update(each, outcome) for each, outcome in outcomes]
        batch.urgent = True
        self._wake()
        await batch.ended.wait()
        if not batch.is_stored:
            raise AbandonedError

    async def run(self, stopped: asyncio.Event) -> None:
        """Store what is recorded, until `stopped` is set and `stop` was called."""
        while not stopped.is_set() or self._batch.updates:
            await self._some.wait()
            if not stopped.is_set():  # one update for many costs little more than for one
                await sleep_unless_set(_GATHER_SECONDS, self._many)
            batch, self._batch = self._batch, _Batch()
            self._some.clear()
            self._many.clear()
            if batch.updates:
                await self._store(batch, stopped)

    def stop(self) -> None:
        """Let `run` end, once its event is set and all is stored."""
        self._some.set()
        self._many.set()

    def _wake(self) -> None:
        self._some.set()
        if self._batch.urgent or len(self._batch.updates) >= self._enough:
            self._many.set()

    async def _store(self, batch: _Batch, stopped: asyncio.Event) -> None:
        try:
            await retry_until_done(lambda: self._write(batch), stopped)
            batch.is_stored = True
            self.claims.drop(each.notification_id for each in batch.updates)
            self._announce(batch.updates)
        except AbandonedError:  # the claims expire, and others send these mails again
            pass
        finally:
            self.permits.give_back(batch.permits)
            batch.ended.set()

    async def _write(self, batch: _Batch) -> None:
        now = self._now()
        for each in batch.suppressed:
            await self._stores.suppressions.add(each, "refused", now)
        await self._stores.notifications.store_outcomes(batch.updates, now)

    def _announce(self, updates: Sequence[OutcomeUpdate]) -> None:
        for each in updates:
            if isinstance(each.outcome, Sent | Failed):
                self._count_ended(each.outcome.state, 1)
        self._outbox.enqueue(
            [Unpublished(each.notification_id, each.events) for each in updates if each.events]
        )


def _update(notification: Notification, outcome: Outcome) -> OutcomeUpdate:
    return OutcomeUpdate(notification.id, outcome, events_of(notification, outcome))
