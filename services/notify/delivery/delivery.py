"""Delivers one message: composes it, sends it, and interprets the mail server's replies."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog

from services.notify.delivery.outcomes import OutcomeWriter
from services.notify.delivery.queue import Job, JobQueue
from services.notify.mails.message import Composer, Mail
from services.notify.model import Failed, Outcome, Rejection, Sent
from services.notify.rules import RetrySchedule, after_rejection
from services.notify.smtp.connection import SmtpConnection
from services.notify.store.suppressions import MongoSuppressions
from shared.retry import retry_until_done

log = structlog.get_logger()


NOT_RENDERED: Final = "not-rendered"


@dataclass(frozen=True, slots=True)
class OutcomePolicy:
    """Chooses the outcome of a message by the mail server's replies."""

    schedule: RetrySchedule
    suppressions: MongoSuppressions
    now: Callable[[], datetime]

    def sent(self, mail: Mail) -> Outcome:
        """Return the outcome of an accepted mail."""
        return Sent(mail.message_id, mail.language, self.now())

    async def after(self, job: Job, rejection: Rejection) -> Outcome:
        """Return the outcome of a rejection; suppress an address without mailbox. Idempotent."""
        if rejection.of_mailbox:
            await self.suppressions.add(job.recipient.email, "refused", self.now())
        return after_rejection(job.notification, rejection, self.now(), self.schedule)


class Delivery:
    """One attempt to send one message, until its outcome is stored.

    At most `in_doubt` messages are accepted by the server but not yet recorded; a crash repeats no
    more. The others wait with everything sent but the final dot.
    """

    def __init__(
        self,
        queue: JobQueue,
        composer: Composer,
        policy: OutcomePolicy,
        outcomes: OutcomeWriter,
        in_doubt: int,
    ) -> None:
        self._queue = queue
        self._composer = composer
        self._policy = policy
        self._outcomes = outcomes
        self._in_doubt = asyncio.Semaphore(in_doubt)

    async def attempt(
        self, job: Job, connection: SmtpConnection, cancelled: asyncio.Event
    ) -> Outcome | None:
        """Compose a message, send it and store its outcome.

        Returns `None` if it must not be sent any more, or not now. Raises `AbandonedError` if
        cancelled before the outcome was stored; never raises for a message or a reply.
        """
        mail = self._compose(job)
        rejection = await connection.offer(mail) if mail else None
        if mail is None or rejection:
            return await self._record(job, mail, rejection, cancelled)
        async with self._in_doubt:
            if await self._may_still_be_sent(job, cancelled):
                with self._outcomes.announce():
                    rejection = await connection.hand_over()
                return await self._record(job, mail, rejection, cancelled)
        connection.abandon()
        return None

    async def _record(
        self, job: Job, mail: Mail | None, rejection: Rejection | None, cancelled: asyncio.Event
    ) -> Outcome:
        outcome = (
            self._policy.sent(mail)
            if mail and not rejection
            else await self._outcome_of(job, rejection or Rejection(NOT_RENDERED), cancelled)
        )
        if isinstance(outcome, Failed):
            log.warning(
                "notification.failed", notification=job.notification.id, reason=outcome.reason
            )
        await self._outcomes.write([(job.notification, outcome)], cancelled)
        return outcome

    async def _outcome_of(
        self, job: Job, rejection: Rejection, cancelled: asyncio.Event
    ) -> Outcome:
        return await retry_until_done(lambda: self._policy.after(job, rejection), cancelled)

    async def _may_still_be_sent(self, job: Job, closing: asyncio.Event) -> bool:
        """Check again after the wait: anything that was looked up may have changed."""
        checked = None if closing.is_set() else await self._queue.checked(job, closing)
        if checked and checked.recipient == job.recipient:
            return True
        if checked or closing.is_set():
            self._queue.requeue(checked or job)
        return False

    def _compose(self, job: Job) -> Mail | None:
        try:
            return self._composer.compose(job.notification, job.recipient)
        except Exception as error:  # noqa: BLE001  # one bad message must not stop the others
            name = type(error).__name__  # nothing else: it could contain personal data
            log.error("notification.not_rendered", notification=job.notification.id, error=name)  # noqa: TRY400  # see above
            return None
