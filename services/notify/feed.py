"""Where the sending gets its messages: claimed in batches, each with the person to write to."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.notify.claims import Claims
from services.notify.notes import Notes
from services.notify.notification import (
    AwaitingContact,
    Failed,
    Notification,
    Outcome,
    Recipient,
)
from services.notify.stores import Stores
from shared.errors import AbandonedError
from shared.retry import until_done

CONTACT_ERASED: Final = "contact-erased"


@dataclass(frozen=True, slots=True)
class Pace:
    """How much is claimed at once, and how often is looked for what is due or lacks a contact."""

    batch: int = 100
    poll_seconds: float = 1
    contact_check_seconds: float = 600


@dataclass(frozen=True, slots=True)
class Job:
    """A message to send, and to whom."""

    notification: Notification
    recipient: Recipient


class Feed:
    """Gives out jobs one by one, the longest due first."""

    def __init__(
        self,
        stores: Stores,
        claims: Claims,
        notes: Notes,
        pace: Pace,
        now: Callable[[], datetime],
    ) -> None:
        self._notifications = stores.notifications
        self._contacts = stores.contacts
        self._claims = claims
        self._notes = notes
        self._pace = pace
        self._now = now
        self._jobs: deque[Job] = deque()
        self._turn = asyncio.Lock()
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Look for what is due at once: something was kept."""
        self._woken.set()

    async def next(self, closing: asyncio.Event) -> Job:
        """Wait for a job; raises `AbandonedError` once `closing` is set and `wake` was called."""
        async with self._turn:
            while not self._jobs and not closing.is_set():
                await self._refill(closing)
            if closing.is_set():
                raise AbandonedError
            return self._jobs.popleft()

    def take_back(self, job: Job) -> None:
        """Take a job that was given out and not begun."""
        self._jobs.appendleft(job)

    async def close(self) -> None:
        """Let others send what was not given out."""
        await self._claims.give_back([each.notification.id for each in self._jobs])
        self._jobs.clear()

    async def _refill(self, closing: asyncio.Event) -> None:
        self._woken.clear()
        claimed = await until_done(lambda: self._claims.take(self._pace.batch), closing)
        if not claimed:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), self._pace.poll_seconds)
            return
        ids = [each.application_id for each in claimed]
        recipients = await until_done(lambda: self._contacts.find(ids), closing)
        self._jobs.extend(
            Job(each, recipients[each.application_id])
            for each in claimed
            if each.application_id in recipients
        )
        unknown = [each for each in claimed if each.application_id not in recipients]
        if unknown:
            await self._set_aside(unknown, closing)

    async def _set_aside(self, unknown: Sequence[Notification], closing: asyncio.Event) -> None:
        """Note that there is nobody to write to, for now or for good."""
        ids = [each.application_id for each in unknown]
        erased = await until_done(lambda: self._contacts.erased(ids), closing)
        now = self._now()
        outcomes: dict[bool, Outcome] = {
            True: Failed(CONTACT_ERASED, now, "erased"),
            False: AwaitingContact(now + timedelta(seconds=self._pace.contact_check_seconds)),
        }
        noted = [(each, outcomes[each.application_id in erased]) for each in unknown]
        await self._notes.note(noted, closing)
        # A contact that came while this was noted found nothing waiting that it could release.
        arrived = await until_done(lambda: self._contacts.find(ids), closing)
        if arrived:
            await until_done(lambda: self._notifications.release(list(arrived), now), closing)
