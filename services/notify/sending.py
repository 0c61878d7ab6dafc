"""The sending: several connections side by side, each with one message at a time.

A server that is down is waited for in place, with the message in hand.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
from services.notify.suppressing import MongoSuppressions
from shared.errors import AbandonedError
from shared.retry import until_done

log = structlog.get_logger()

NOT_RENDERED: Final = "not-rendered"
_STOP_SECONDS: Final = 3.0


@dataclass(frozen=True, slots=True)
class Judgement:
    """What becomes of a message, and of its address, by what the mail server says."""

    schedule: RetrySchedule
    suppressions: MongoSuppressions
    now: Callable[[], datetime]

    async def on(self, job: Job, mail: Mail | None, rejection: Rejection | None) -> Outcome:
        """Decide what follows; an address without mailbox is suppressed. May be repeated."""
        if mail and not rejection:
            return Sent(mail.message_id, mail.language, self.now())
        if rejection and rejection.of_mailbox:
            await self.suppressions.add(job.recipient.email, "refused", self.now())
        return after_rejection(
            job.notification, rejection or Rejection(NOT_RENDERED), self.now(), self.schedule
        )


class Delivery:
    """One attempt to send one message, up to its note.

    At most `in_doubt` messages are between the server's yes and our note of it, so no crash
    repeats more. Others get as far as they can without that: the server has all but their end.
    """

    def __init__(
        self, feed: Feed, composer: Composer, judgement: Judgement, notes: Notes, in_doubt: int
    ) -> None:
        self._feed = feed
        self._composer = composer
        self._judgement = judgement
        self._notes = notes
        self._in_doubt = asyncio.Semaphore(in_doubt)

    async def attempt(
        self, job: Job, connection: SmtpConnection, giving_up: asyncio.Event
    ) -> Outcome | None:
        """Write the message, hand it over and note what came of it.

        Nothing comes back if it is not to be sent any more, or not now. Never raises for a message
        or for an answer; raises `AbandonedError` if told to give up before the outcome could be
        noted.
        """
        mail = self._written(job)
        rejection = await connection.offer(mail) if mail else None
        if mail is None or rejection:
            return await self._noted(job, mail, rejection, giving_up)
        async with self._in_doubt:
            if await self._is_still_wanted(job, giving_up):
                with self._notes.soon():
                    rejection = await connection.hand_over()
                return await self._noted(job, mail, rejection, giving_up)
        connection.abandon()
        return None

    async def _noted(
        self, job: Job, mail: Mail | None, rejection: Rejection | None, giving_up: asyncio.Event
    ) -> Outcome:
        outcome = await until_done(lambda: self._judgement.on(job, mail, rejection), giving_up)
        if isinstance(outcome, Failed):
            log.warning(
                "notification.failed", notification=job.notification.id, reason=outcome.reason
            )
        await self._notes.note([(job.notification, outcome)], giving_up)
        return outcome

    async def _is_still_wanted(self, job: Job, closing: asyncio.Event) -> bool:
        """Look once more after the wait, as all that was looked up may have changed."""
        checked = None if closing.is_set() else await self._feed.checked(job, closing)
        if checked and checked.recipient == job.recipient:
            return True
        if checked or closing.is_set():
            self._feed.take_back(checked or job)
        return False

    def _written(self, job: Job) -> Mail | None:
        try:
            return self._composer.compose(job.notification, job.recipient)
        except Exception as error:  # noqa: BLE001  # one bad message must not stop the others
            name = type(error).__name__  # all that is shown: the rest could name the reader
            log.error("notification.not_rendered", notification=job.notification.id, error=name)  # noqa: TRY400  # see above
            return None


class Sender:
    """Sends what the feed gives out, until it is told to stop."""

    def __init__(
        self,
        feed: Feed,
        claims: Claims,
        delivery: Delivery,
        connections: Sequence[SmtpConnection],
        metrics: NotifyMetrics,
    ) -> None:
        self._feed = feed
        self._claims = claims
        self._delivery = delivery
        self._connections = connections
        self._metrics = metrics
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
        if ready is None:
            return
        started = time.perf_counter()
        outcome = await self._delivery.attempt(ready, connection, closing)
        if outcome:
            seconds = time.perf_counter() - started
            self._metrics.count(ready.notification, ready.recipient, outcome, seconds)

    async def _made_ready(
        self, job: Job, connection: SmtpConnection, closing: asyncio.Event
    ) -> Job | None:
        try:
            if not connection.is_fresh:
                await self._open(connection, closing)
            return await self._feed.checked(job, closing)
        except AbandonedError:
            self._feed.take_back(job)
            raise

    async def _open(self, connection: SmtpConnection, closing: asyncio.Event) -> None:
        async with self._opening:  # one at a time asks a server that does not answer
            await until_done(connection.open, closing, self._note_outage)
            self._reachable = True

    def _note_outage(self, error: str) -> None:
        self._reachable = False
        self._metrics.count_retry(error)
