"""The queue of messages to send: claimed in batches, each with its recipient."""

import asyncio
from collections import deque
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from services.notify.delivery.claims import Claims
from services.notify.delivery.limits import SendLimits
from services.notify.delivery.outcomes import OutcomeWriter
from services.notify.delivery.recipients import RecipientResolver
from services.notify.model import AwaitingContact, Notification, Outcome, Recipient
from shared.errors import AbandonedError, TransientError
from shared.retry import retry_until_done
from shared.waiting import sleep_unless_set

_UP_TO_DATE_SECONDS: Final = 1.0
_TOGETHER: Final = 100


@dataclass(frozen=True, slots=True)
class PollSettings:
    """How many notifications are claimed at once, and how often the queue polls for due ones."""

    batch: int = 100
    poll_seconds: float = 1


@dataclass(frozen=True, slots=True)
class Job:
    """A message with its recipient; `resolved_at` is on the event loop's clock."""

    notification: Notification
    recipient: Recipient
    resolved_at: float


class JobQueue:
    """Returns jobs one by one, the longest due first."""

    def __init__(
        self,
        claims: Claims,
        resolver: RecipientResolver,
        limits: SendLimits,
        outcomes: OutcomeWriter,
        polling: PollSettings,
    ) -> None:
        self._claims = claims
        self._resolver = resolver
        self._limits = limits
        self._outcomes = outcomes
        self._polling = polling
        self._jobs: deque[Job] = deque()
        self._turn = asyncio.Lock()
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Poll at once, because something was stored."""
        self._woken.set()

    async def next(self, closing: asyncio.Event) -> Job:
        """Wait for a job; raises `AbandonedError` once `closing` is set and `wake` was called."""
        async with self._turn:
            while not closing.is_set() and not (self._jobs and _is_up_to_date(self._jobs[0])):
                await (self._resolve_again(closing) if self._jobs else self._refill(closing))
            if not closing.is_set():
                await self._limits.wait_for_turn(closing)
            if closing.is_set():
                raise AbandonedError
            return self._jobs.popleft()

    async def checked(self, job: Job, closing: asyncio.Event) -> Job | None:
        """Check a job again before it starts; return `None` if it must not be sent.

        A job that has waited, as during an outage of the mail server, is looked up again: its
        application may have been withdrawn or its recipient erased. Its claim must be valid.
        """
        if not self._may_begin(job):
            return None
        if _is_up_to_date(job):
            return job
        jobs = await self._resolve([job.notification], closing)
        return jobs[0] if jobs and self._may_begin(jobs[0]) else None

    def _may_begin(self, job: Job) -> bool:
        if self._claims.may_begin(job.notification.id):
            return True
        self._claims.drop([job.notification.id])
        return False

    def requeue(self, job: Job) -> None:
        """Put back a job that was not started."""
        self._jobs.appendleft(job)

    async def close(self) -> None:
        """Release the jobs that were not returned, so that others can send them."""
        await self._release(self._jobs)
        self._jobs.clear()

    async def _release(self, jobs: Collection[Job]) -> None:
        await self._claims.release([each.notification.id for each in jobs])
        with suppress(TransientError):
            await self._limits.release(len(jobs))

    async def _refill(self, closing: asyncio.Event) -> None:
        self._woken.clear()
        free = await retry_until_done(lambda: self._limits.free_today(self._polling.batch), closing)
        claimed = await retry_until_done(lambda: self._claims.claim(free), closing) if free else ()
        if not claimed:
            await self._wait(is_held=not free)
            return
        jobs = await self._resolve(claimed, closing)
        granted = await retry_until_done(lambda: self._limits.reserve(len(jobs)), closing)
        self._jobs.extend(jobs[:granted])
        if late := jobs[granted:]:  # another instance reserved the same attempts
            await self._claims.release([each.notification.id for each in late])

    async def _resolve_again(self, closing: asyncio.Event) -> None:
        """Look up again the jobs that have waited too long; in one query that costs little."""
        waiting = [self._jobs.popleft() for _ in range(min(len(self._jobs), _TOGETHER))]
        try:
            wanted = [each.notification for each in waiting if self._may_begin(each)]
            waiting = [*(await self._resolve(wanted, closing) if wanted else ())]
        finally:
            self._jobs.extendleft(reversed(waiting))

    async def _wait(self, *, is_held: bool) -> None:
        began = _clock()
        await sleep_unless_set(self._polling.poll_seconds, self._woken)
        if is_held:
            self._limits.record_held_today(_clock() - began)

    async def _resolve(
        self, claimed: Sequence[Notification], closing: asyncio.Event
    ) -> Sequence[Job]:
        """Resolve recipients, and store the outcomes of messages that are not to be sent."""
        resolved_at = _clock()
        resolved = await retry_until_done(lambda: self._resolver.resolve(claimed), closing)
        if resolved.outcomes:
            await self._outcomes.write(resolved.outcomes, closing)
            await self._release_contacted(resolved.outcomes, closing)
        return [
            Job(notification, reader, resolved_at) for notification, reader in resolved.addressed
        ]

    async def _release_contacted(
        self, outcomes: Sequence[tuple[Notification, Outcome]], closing: asyncio.Event
    ) -> None:
        # A contact that arrived during the write found no waiting message to release.
        ids = [
            each.application_id for each, ended in outcomes if isinstance(ended, AwaitingContact)
        ]
        if ids:
            await retry_until_done(lambda: self._resolver.release_contacted(ids), closing)


def _is_up_to_date(job: Job) -> bool:
    return _clock() - job.resolved_at < _UP_TO_DATE_SECONDS


def _clock() -> float:
    return asyncio.get_running_loop().time()
