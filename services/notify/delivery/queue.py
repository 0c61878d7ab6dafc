"""Where the sending gets its messages: claimed in batches, each with the person to write to."""

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
    """How much is claimed at once, and how often is looked for what has become due."""

    batch: int = 100
    poll_seconds: float = 1


@dataclass(frozen=True, slots=True)
class Job:
    """A message to send, and to whom; `looked_up_at` is on the event loop's clock."""

    notification: Notification
    recipient: Recipient
    looked_up_at: float


class JobQueue:
    """Gives out jobs one by one, the longest due first."""

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
        """Look for what is due at once: something was kept."""
        self._woken.set()

    async def next(self, closing: asyncio.Event) -> Job:
        """Wait for a job; raises `AbandonedError` once `closing` is set and `wake` was called."""
        async with self._turn:
            while not closing.is_set() and not (self._jobs and _is_up_to_date(self._jobs[0])):
                await (self._look_again(closing) if self._jobs else self._refill(closing))
            if not closing.is_set():
                await self._limits.turn(closing)
            if closing.is_set():
                raise AbandonedError
            return self._jobs.popleft()

    async def checked(self, job: Job, closing: asyncio.Event) -> Job | None:
        """Look again at a job before it is begun; nothing is returned if it must not be.

        If it has waited, as during an outage of the mail server, its application may have been
        withdrawn meanwhile, or its reader erased: then that is noted. Or the claim is in doubt.
        """
        if not self._may_begin(job):
            return None
        if _is_up_to_date(job):
            return job
        jobs = await self._look_up([job.notification], closing)
        return jobs[0] if jobs and self._may_begin(jobs[0]) else None

    def _may_begin(self, job: Job) -> bool:
        if self._claims.may_begin(job.notification.id):
            return True
        self._claims.let_go([job.notification.id])
        return False

    def requeue(self, job: Job) -> None:
        """Take a job that was given out and not begun."""
        self._jobs.appendleft(job)

    async def close(self) -> None:
        """Let others send what was not given out."""
        await self._give_back(self._jobs)
        self._jobs.clear()

    async def _give_back(self, jobs: Collection[Job]) -> None:
        await self._claims.give_back([each.notification.id for each in jobs])
        with suppress(TransientError):
            await self._limits.give_back(len(jobs))

    async def _refill(self, closing: asyncio.Event) -> None:
        self._woken.clear()
        free = await retry_until_done(lambda: self._limits.free_today(self._polling.batch), closing)
        claimed = await retry_until_done(lambda: self._claims.take(free), closing) if free else ()
        if not claimed:
            await self._wait(is_held=not free)
            return
        jobs = await self._look_up(claimed, closing)
        granted = await retry_until_done(lambda: self._limits.reserve(len(jobs)), closing)
        self._jobs.extend(jobs[:granted])
        if late := jobs[granted:]:  # another instance found the same few free
            await self._claims.give_back([each.notification.id for each in late])

    async def _look_again(self, closing: asyncio.Event) -> None:
        """Look up anew what has waited here too long: together, that costs little."""
        waiting = [self._jobs.popleft() for _ in range(min(len(self._jobs), _TOGETHER))]
        try:
            wanted = [each.notification for each in waiting if self._may_begin(each)]
            waiting = [*(await self._look_up(wanted, closing) if wanted else ())]
        finally:
            self._jobs.extendleft(reversed(waiting))

    async def _wait(self, *, is_held: bool) -> None:
        began = _clock()
        await sleep_unless_set(self._polling.poll_seconds, self._woken)
        if is_held:
            self._limits.record_held_today(_clock() - began)

    async def _look_up(
        self, claimed: Sequence[Notification], closing: asyncio.Event
    ) -> Sequence[Job]:
        """Find whom to write to; what is not to be sent, for now or for good, is noted so."""
        looked_up_at = _clock()
        resolved = await retry_until_done(lambda: self._resolver.resolve(claimed), closing)
        if resolved.settled:
            await self._outcomes.write(resolved.settled, closing)
            await self._release_contacted(resolved.settled, closing)
        return [
            Job(notification, reader, looked_up_at) for notification, reader in resolved.addressed
        ]

    async def _release_contacted(
        self, settled: Sequence[tuple[Notification, Outcome]], closing: asyncio.Event
    ) -> None:
        # A contact that came while this was noted found nothing waiting that it could release.
        ids = [each.application_id for each, ended in settled if isinstance(ended, AwaitingContact)]
        if ids:
            await retry_until_done(lambda: self._resolver.release_contacted(ids), closing)


def _is_up_to_date(job: Job) -> bool:
    return _clock() - job.looked_up_at < _UP_TO_DATE_SECONDS


def _clock() -> float:
    return asyncio.get_running_loop().time()
