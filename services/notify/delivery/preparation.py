"""Turns claimed notifications into mails, a batch at a time."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import structlog

from services.notify.delivery.recipients import RecipientResolver
from services.notify.mails.message import Composer, Mail
from services.notify.model import Notification, Outcome, Recipient, Rejection
from services.notify.rules import RetrySchedule, after_rejection
from shared.correlation import correlation_id_of

log = structlog.get_logger()

NOT_RENDERED: Final = "not-rendered"
_AT_ONCE: Final = 16  # composed without a pause, so that answers of the mail server do not wait


@dataclass(frozen=True, slots=True)
class Job:
    """A mail to send; `resolved_at` is on the event loop's clock."""

    notification: Notification
    recipient: Recipient
    mail: Mail = field(repr=False)
    resolved_at: float


@dataclass(slots=True)
class Prepared:
    """Mails to send, and the outcomes of the messages that are not sent now."""

    jobs: list[Job] = field(default_factory=list)
    outcomes: list[tuple[Notification, Outcome]] = field(default_factory=list)


class Preparation:
    """Looks up recipients and composes mails."""

    def __init__(
        self,
        resolver: RecipientResolver,
        composer: Composer,
        schedule: RetrySchedule,
        now: Callable[[], datetime],
    ) -> None:
        self.resolver = resolver
        self._composer = composer
        self._schedule = schedule
        self._now = now

    async def prepare(self, claimed: Sequence[Notification], ready: Iterable[Job] = ()) -> Prepared:
        """Prepare claimed notifications; idempotent.

        A mail of `ready`, prepared before, is kept if its recipient is still the same: composing it
        again would give the same bytes. Raises `TransientError` while the database is down.
        """
        resolved_at = asyncio.get_running_loop().time()
        before = {each.notification.id: each for each in ready}
        resolved = await self.resolver.resolve(claimed)
        prepared = Prepared(outcomes=resolved.outcomes)
        for number, (notification, recipient) in enumerate(resolved.addressed, start=1):
            if mail := self._mail(notification, recipient, before.get(notification.id)):
                prepared.jobs.append(Job(notification, recipient, mail, resolved_at))
            else:
                prepared.outcomes.append((notification, self._not_rendered(notification)))
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)
        return prepared

    def _not_rendered(self, notification: Notification) -> Outcome:
        rejection = Rejection(NOT_RENDERED)
        return after_rejection(notification, rejection, self._now(), self._schedule)

    def _mail(
        self, notification: Notification, recipient: Recipient, before: Job | None
    ) -> Mail | None:
        if before and before.recipient == recipient:
            return before.mail
        return self._compose(notification, recipient)

    def _compose(self, notification: Notification, recipient: Recipient) -> Mail | None:
        try:
            return self._composer.compose(notification, recipient)
        except Exception as error:  # noqa: BLE001  # one bad message must not stop the others
            name = type(error).__name__  # nothing else: it could contain personal data
            # Log: A mail could not be composed, which is a fault of the code; it is tried again
            # later.
            log.error(  # noqa: TRY400  # see above
                "notification.not_rendered",
                notification=notification.id,
                error=name,
                correlation_id=correlation_id_of(notification.traceparent),
            )
            return None
