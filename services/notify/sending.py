"""The sending: several connections side by side, each with one message at a time.

A server that is down is waited for in place, with the message in hand.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

import structlog

from services.notify.claims import Claims
from services.notify.connection import SmtpConnection
from services.notify.feed import Feed, Job
from services.notify.message import Composer, Mail
from services.notify.metrics import NotifyMetrics
from services.notify.notes import Notes
from services.notify.notification import Failed, Outcome, Rejection, Sent
from services.notify.rules import RetrySchedule, after_rejection
from shared.errors import AbandonedError
from shared.retry import until_done

log = structlog.get_logger()

NOT_RENDERED: Final = "not-rendered"
_STOP_SECONDS: Final = 3.0


class Delivery:
    """One attempt to send one message, up to its note."""

    def __init__(
        self,
        composer: Composer,
        schedule: RetrySchedule,
        notes: Notes,
        metrics: NotifyMetrics,
        now: Callable[[], datetime],
    ) -> None:
        self._composer = composer
        self._notes = notes
        self._schedule = schedule
        self._metrics = metrics
        self._now = now

    async def attempt(self, job: Job, connection: SmtpConnection, giving_up: asyncio.Event) -> None:
        """Write the message, hand it over and note what came of it.

        Never raises for a message or for an answer; raises `AbandonedError` if told to give up
        before the outcome could be noted.
        """
        started = time.perf_counter()
        with self._notes.soon():
            outcome = await self._attempt(job, connection)
        self._metrics.count(job.notification, job.recipient, outcome, time.perf_counter() - started)
        if isinstance(outcome, Failed):
            log.warning(
                "notification.failed", notification=job.notification.id, reason=outcome.reason
            )
        await self._notes.note([(job.notification, outcome)], giving_up)

    async def _attempt(self, job: Job, connection: SmtpConnection) -> Outcome:
        mail = self._written(job)
        if mail is None:
            return self._after(job, Rejection(NOT_RENDERED))
        rejection = await connection.send(mail)
        if rejection is not None:
            return self._after(job, rejection)
        return Sent(mail.message_id, mail.language, self._now())

    def _written(self, job: Job) -> Mail | None:
        try:
            return self._composer.compose(job.notification, job.recipient)
        except Exception as error:  # noqa: BLE001  # one bad message must not stop the others
            name = type(error).__name__  # all that is shown: the rest could name the reader
            log.error("notification.not_rendered", notification=job.notification.id, error=name)  # noqa: TRY400  # see above
            return None

    def _after(self, job: Job, rejection: Rejection) -> Outcome:
        return after_rejection(job.notification, rejection, self._now(), self._schedule)


class Sender:
    """Sends what the feed gives out, until it is told to stop."""

    def __init__(
        self,
        feed: Feed,
        claims: Claims,
        delivery: Delivery,
        connections: Sequence[SmtpConnection],
        on_retry: Callable[[str], None],
    ) -> None:
        self._feed = feed
        self._claims = claims
        self._delivery = delivery
        self._connections = connections
        self._on_retry = on_retry
        self._opening = asyncio.Lock()
        self._reachable = True

    async def is_server_reachable(self) -> bool:
        """Tell whether the mail server let us in when it was last asked."""
        return self._reachable

    async def run(self, closing: asyncio.Event) -> None:
        """Send until `closing` is set; then finish what is in hand, if the server is quick."""
        stopped = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            workers = [
                group.create_task(self._work(connection, closing))
                for connection in self._connections
            ]
            group.create_task(self._claims.keep_renewing(stopped))
            group.create_task(self._stop(workers, closing, stopped))
        await self._feed.close()

    async def _stop(
        self,
        workers: Sequence["asyncio.Task[None]"],
        closing: asyncio.Event,
        stopped: asyncio.Event,
    ) -> None:
        await closing.wait()
        self._feed.wake()
        _, late = await asyncio.wait(workers, timeout=_STOP_SECONDS)
        for worker in late:
            worker.cancel()
        stopped.set()

    async def _work(self, connection: SmtpConnection, closing: asyncio.Event) -> None:
        try:
            while True:
                job = await self._feed.next(closing)
                await self._deliver(job, connection, closing)
        except AbandonedError:
            pass
        finally:
            await connection.close()

    async def _deliver(self, job: Job, connection: SmtpConnection, closing: asyncio.Event) -> None:
        ready = await self._made_ready(job, connection, closing)
        if ready:
            await self._delivery.attempt(ready, connection, closing)

    async def _made_ready(
        self, job: Job, connection: SmtpConnection, closing: asyncio.Event
    ) -> Job | None:
        try:
            if not connection.is_fresh:
                await self._open(connection, closing)
            checked = await self._feed.checked(job, closing) if self._may_begin(job) else None
        except AbandonedError:
            self._feed.take_back(job)
            raise
        return checked if checked and self._may_begin(checked) else None

    def _may_begin(self, job: Job) -> bool:
        if self._claims.may_begin(job.notification.id):
            return True
        self._claims.let_go([job.notification.id])
        return False

    async def _open(self, connection: SmtpConnection, closing: asyncio.Event) -> None:
        async with self._opening:  # one at a time asks a server that does not answer
            await until_done(connection.open, closing, self._note_outage)
            self._reachable = True

    def _note_outage(self, error: str) -> None:
        self._reachable = False
        self._on_retry(error)
