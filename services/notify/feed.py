"""Where the sending gets its messages: claimed in batches, each with the person to write to."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
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
    Standing,
)
from services.notify.rules import stop_reason
from services.notify.stores import Stores
from shared.errors import AbandonedError
from shared.retry import until_done

CONTACT_ERASED: Final = "contact-erased"
_UP_TO_DATE_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How much is claimed at once, and how often is looked for what is due or lacks a contact."""

    batch: int = 100
    poll_seconds: float = 1
    contact_check_seconds: float = 600


@dataclass(frozen=True, slots=True)
class Job:
    """A message to send, and to whom; `looked_up_at` is on the event loop's clock."""

    notification: Notification
    recipient: Recipient
    looked_up_at: float


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
        self._standings = stores.standings
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

    async def checked(self, job: Job, closing: asyncio.Event) -> Job | None:
        """Look again at a job that has waited, as during an outage of the mail server.

        Meanwhile its application may have been withdrawn, or its reader erased: then that is noted
        and nothing returned.
        """
        if _clock() - job.looked_up_at < _UP_TO_DATE_SECONDS:
            return job
        jobs = await self._look_up([job.notification], closing)
        return jobs[0] if jobs else None

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
        self._jobs.extend(await self._look_up(claimed, closing))

    async def _look_up(
        self, claimed: Sequence[Notification], closing: asyncio.Event
    ) -> Sequence[Job]:
        """Find whom to write to; what is not to be sent, for now or for good, is noted so."""
        ids, looked_up_at = [each.application_id for each in claimed], _clock()
        standings = await until_done(lambda: self._standings.find(ids), closing)
        recipients = await until_done(lambda: self._contacts.find(ids), closing)
        stopped = _stopped(claimed, standings, self._now())
        if stopped:
            await self._notes.note(stopped, closing)
        ended = {each.id for each, _ in stopped}
        open_ones = [each for each in claimed if each.id not in ended]
        unknown = [each for each in open_ones if each.application_id not in recipients]
        if unknown:
            await self._set_aside(unknown, closing)
        return [
            Job(each, recipients[each.application_id], looked_up_at)
            for each in open_ones
            if each.application_id in recipients
        ]

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


def _stopped(
    claimed: Sequence[Notification], standings: Mapping[str, Standing], now: datetime
) -> Sequence[tuple[Notification, Outcome]]:
    reasons = [
        (each, stop_reason(each, standings[each.application_id]))
        for each in claimed
        if each.application_id in standings
    ]
    return [(each, Failed(reason, now, "stopped")) for each, reason in reasons if reason]


def _clock() -> float:
    return asyncio.get_running_loop().time()
