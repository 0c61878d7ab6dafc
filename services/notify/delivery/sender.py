"""Sends mails over several connections, each with one mail at a time.

A worker waits for a server that is down, or that refuses us, and keeps its mail meanwhile.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog

from services.notify.delivery.breaker import Breaker, domain_of
from services.notify.delivery.outcomes import OutcomeWriter
from services.notify.delivery.preparation import Job
from services.notify.delivery.queue import JobQueue
from services.notify.delivery.server_status import ServerStatus
from services.notify.delivery.tracing import MailTrace
from services.notify.metrics import NotifyMetrics
from services.notify.model import Failed, Outcome, Rejection, Sent
from services.notify.rules import RetrySchedule, after_rejection
from services.notify.smtp.connection import SmtpConnection
from shared.correlation import correlation_id_of
from shared.errors import AbandonedError, TransientError
from shared.retry import retry_until_done

log = structlog.get_logger()

_STOP_SECONDS: Final = 3.0


@dataclass(frozen=True, slots=True)
class Judging:
    """What decides on the outcome of an attempt."""

    breaker: Breaker
    status: ServerStatus
    schedule: RetrySchedule
    now: Callable[[], datetime]

    def outcome(self, job: Job, rejection: Rejection | None) -> Outcome:
        """Return the outcome of an attempt; an accepted mail has no rejection."""
        if rejection is None:
            return Sent(job.mail.message_id, job.mail.language, self.now())
        return after_rejection(job.notification, rejection, self.now(), self.schedule)

    def judge(self, job: Job, rejection: Rejection | None) -> Rejection | None:
        """Return what the answer is about in the light of the answers to others."""
        domain = domain_of(job.mail.recipient)
        if rejection is not None:
            return self.breaker.judge(rejection, domain)
        self.breaker.accepted(domain)
        return None


class Sender:
    """Sends the jobs of the queue until it is stopped."""

    def __init__(
        self,
        queue: JobQueue,
        outcomes: OutcomeWriter,
        judging: Judging,
        connections: Sequence[SmtpConnection],
        metrics: NotifyMetrics,
    ) -> None:
        self._queue = queue
        self._outcomes = outcomes
        self._judging = judging
        self.status = judging.status
        self._connections = connections
        self._metrics = metrics
        self._opening = asyncio.Lock()

    async def run(self, closing: asyncio.Event) -> None:
        """Send until `closing` is set; then finish mails in flight if the server is fast."""
        stopped = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            workers = [
                group.create_task(self._work(connection, closing))
                for connection in self._connections
            ]
            workers.append(group.create_task(self._queue.fill(closing)))
            group.create_task(self._outcomes.run(stopped))
            group.create_task(self._outcomes.claims.keep_renewing(stopped))
            group.create_task(self._stop(workers, closing, stopped))
        await self._queue.close()

    async def _stop(
        self,
        workers: Sequence["asyncio.Task[None]"],
        closing: asyncio.Event,
        stopped: asyncio.Event,
    ) -> None:
        """Stop the workers. A mail that has no answer yet counts as unrecorded."""
        await closing.wait()
        _, late = await asyncio.wait(workers, timeout=_STOP_SECONDS)
        for worker in late:
            worker.cancel()
        stopped.set()
        self._outcomes.stop()

    async def _work(self, connection: SmtpConnection, closing: asyncio.Event) -> None:
        try:
            while True:
                job = await self._queue.next(closing)
                await self._deliver(job, connection, closing)
        except AbandonedError:
            pass
        finally:
            await connection.close()

    async def _deliver(self, job: Job, connection: SmtpConnection, closing: asyncio.Event) -> None:
        breaker, is_probe = self._judging.breaker, False
        try:
            is_probe = await breaker.pass_through(closing)
            await self._deliver_now(job, connection, closing)
        except AbandonedError:
            self._queue.requeue(job)
            raise
        finally:
            if is_probe:
                breaker.end_probe()

    async def _deliver_now(
        self, job: Job, connection: SmtpConnection, closing: asyncio.Event
    ) -> None:
        if not connection.is_fresh:
            await self._open(connection, closing)
        permits = self._outcomes.permits
        await permits.take(closing)
        is_recorded = False
        try:
            ready = await self._queue.checked(job, closing)
            if ready is not None:
                await self._send(ready, connection)
                is_recorded = True
        finally:
            if not is_recorded:
                permits.give_back()

    async def _send(self, job: Job, connection: SmtpConnection) -> None:
        started = time.perf_counter()
        trace = MailTrace(job.notification)
        rejection = self._judging.judge(job, await connection.send(job.mail))
        seconds = time.perf_counter() - started
        outcome = self._judging.outcome(job, rejection)
        suppressed = job.recipient.email if rejection and rejection.suppresses else ""
        self._outcomes.record(trace.end(outcome), outcome, suppressed)
        self._metrics.count(job.notification, job.recipient, outcome, seconds, trace.exemplar)
        if rejection:
            self._report(job, outcome, rejection)

    def _report(self, job: Job, outcome: Outcome, rejection: Rejection) -> None:
        self._metrics.count_refusal(rejection.about)
        if isinstance(outcome, Failed):
            # Log: A mail has failed for good: `cppp mails show` has all its attempts.
            log.warning(
                "notification.failed",
                notification=job.notification.id,
                reason=outcome.reason,
                answer=rejection.answer,
                correlation_id=correlation_id_of(job.notification.traceparent),
            )

    async def _open(self, connection: SmtpConnection, closing: asyncio.Event) -> None:
        if self.status.is_reachable:
            try:
                await self._connect(connection)
            except TransientError:
                pass
            else:
                return
        async with self._opening:  # only one worker at a time tries a server that does not answer
            await retry_until_done(
                lambda: self._connect(connection), closing, self._metrics.count_retry
            )

    async def _connect(self, connection: SmtpConnection) -> None:
        self.status.connecting()
        try:
            await connection.open()
        except TransientError:
            self.status.failed(connection.failure)
            raise
        self.status.connected()
