"""The queue of mails to send: claimed, addressed and composed in batches, ahead of the workers."""

import asyncio
from collections import deque
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from services.notify.delivery.claims import Claims
from services.notify.delivery.limits import SendLimits
from services.notify.delivery.outcomes import OutcomeWriter
from services.notify.delivery.preparation import Job, Preparation
from services.notify.delivery.waits import first_of
from services.notify.model import AwaitingContact, Notification, Outcome
from shared.errors import AbandonedError, TransientError
from shared.retry import retry_until_done

_UP_TO_DATE_SECONDS: Final = 1.0
_TOGETHER: Final = 100
_LEAST: Final = 32
# A batch that lasts no longer than this is too small, and too large if it lasts longer than that.
_SHORT_SECONDS: Final = 0.2
_LONG_SECONDS: Final = 0.6


@dataclass(frozen=True, slots=True)
class PollSettings:
    """How many notifications are claimed at once, and how often the queue polls for due ones."""

    batch: int = 500
    poll_seconds: float = 1


class BatchSize:
    """How many are claimed at once: as many as are sent in a fraction of a second.

    What waits for longer than a second has to be looked up again.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = min(_LEAST, most)
        self._claimed_at = 0.0

    @property
    def size(self) -> int:
        """The number to claim next."""
        return self._size

    def adapt(self, claimed: int) -> None:
        """Adapt to how long the batch before this one lasted."""
        seconds, self._claimed_at = _clock() - self._claimed_at, _clock()
        if claimed < self._size:
            return
        if seconds < _SHORT_SECONDS:
            self._size = min(2 * self._size, self._most)
        elif seconds > _LONG_SECONDS:
            self._size = max(self._size // 2, min(_LEAST, self._most))


class JobQueue:
    """Returns jobs one by one, the longest due first; `fill` keeps some ready."""

    def __init__(
        self,
        claims: Claims,
        preparation: Preparation,
        limits: SendLimits,
        outcomes: OutcomeWriter,
        polling: PollSettings,
    ) -> None:
        self._claims = claims
        self._preparation = preparation
        self._limits = limits
        self._outcomes = outcomes
        self._polling = polling
        self._batch = BatchSize(polling.batch)
        self._jobs: deque[Job] = deque()
        self._turn = asyncio.Lock()
        self._woken = asyncio.Event()
        self._filled = asyncio.Event()
        self._wanted = asyncio.Event()

    def wake(self) -> None:
        """Poll at once, because something was stored."""
        self._woken.set()

    async def fill(self, closing: asyncio.Event) -> None:
        """Claim and prepare batches until `closing` is set; the only one that claims."""
        with suppress(AbandonedError):
            while not closing.is_set():
                if self._has_enough():
                    self._wanted.clear()
                    await first_of(self._wanted, closing)
                else:
                    await self._refill(closing)

    async def next(self, closing: asyncio.Event) -> Job:
        """Wait for a job; raises `AbandonedError` once `closing` is set."""
        async with self._turn:
            while not closing.is_set() and not (self._jobs and _is_up_to_date(self._jobs[0])):
                if self._jobs:
                    await self._look_up_again(closing)
                else:
                    self._filled.clear()
                    self._wanted.set()
                    await first_of(self._filled, closing)
            if not closing.is_set():
                await self._limits.wait_for_turn(closing)
            if closing.is_set() or not self._jobs:
                raise AbandonedError
            job = self._jobs.popleft()
            if not self._has_enough():
                self._wanted.set()
            return job

    def _has_enough(self) -> bool:
        return len(self._jobs) > self._batch.size // 2

    async def checked(self, job: Job, closing: asyncio.Event) -> Job | None:
        """Check a job again before it starts; return `None` if it must not be sent.

        A job that has waited, as during an outage of the mail server, is looked up again: its
        application may have been withdrawn or its recipient erased. Its claim must be valid.
        """
        if not self._may_begin(job):
            return None
        if _is_up_to_date(job):
            return job
        jobs = await self._prepare_again([job], closing)
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
        size = self._batch.size
        free = await retry_until_done(lambda: self._limits.free_today(size), closing)
        claimed = await retry_until_done(lambda: self._claims.claim(free), closing) if free else ()
        self._batch.adapt(len(claimed))
        if not claimed:
            await self._wait(closing, is_held=not free)
            return
        jobs = await self._prepare(claimed, closing)
        granted = await retry_until_done(lambda: self._limits.reserve(len(jobs)), closing)
        self._jobs.extend(jobs[:granted])
        if self._jobs:
            self._filled.set()
        if late := jobs[granted:]:  # another instance reserved the same attempts
            await self._claims.release([each.notification.id for each in late])

    async def _look_up_again(self, closing: asyncio.Event) -> None:
        """Look up again the jobs that have waited too long; in one query that costs little."""
        waiting = [self._jobs.popleft() for _ in range(min(len(self._jobs), _TOGETHER))]
        try:
            wanted = [each for each in waiting if self._may_begin(each)]
            waiting = [*(await self._prepare_again(wanted, closing) if wanted else ())]
        finally:
            self._jobs.extendleft(reversed(waiting))

    async def _wait(self, closing: asyncio.Event, *, is_held: bool) -> None:
        began = _clock()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._polling.poll_seconds):
                await first_of(self._woken, closing)
        if is_held:
            self._limits.record_held_today(_clock() - began)

    async def _prepare_again(self, jobs: Sequence[Job], closing: asyncio.Event) -> Sequence[Job]:
        return await self._prepare([each.notification for each in jobs], closing, jobs)

    async def _prepare(
        self, claimed: Sequence[Notification], closing: asyncio.Event, ready: Sequence[Job] = ()
    ) -> Sequence[Job]:
        """Prepare mails, and store the outcomes of messages that are not to be sent now."""
        prepared = await retry_until_done(
            lambda: self._preparation.prepare(claimed, ready), closing
        )
        if prepared.outcomes:
            await self._outcomes.write(prepared.outcomes)
            await self._release_contacted(prepared.outcomes, closing)
        return prepared.jobs

    async def _release_contacted(
        self, outcomes: Sequence[tuple[Notification, Outcome]], closing: asyncio.Event
    ) -> None:
        # A contact that arrived during the write found no waiting message to release.
        ids = [
            each.application_id for each, ended in outcomes if isinstance(ended, AwaitingContact)
        ]
        if ids:
            resolver = self._preparation.resolver
            await retry_until_done(lambda: resolver.release_contacted(ids), closing)


def _is_up_to_date(job: Job) -> bool:
    return _clock() - job.resolved_at < _UP_TO_DATE_SECONDS


def _clock() -> float:
    return asyncio.get_running_loop().time()
