"""Which message follows a fact, and which outcome a failure. Pure: no I/O, no clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.notify.facts import Fact, message_about
from services.notify.model import About, Deferred, Failed, Lifecycle, Notification, Rejection
from shared.events.casework import ProjectCompleted

PER_DAY: Final = "day"
PER_SECOND: Final = "second"

GAVE_UP: Final = "gave-up"
WITHDRAWN: Final = "application-withdrawn"
SUPERSEDED: Final = "version-superseded"
TOO_OLD: Final = "too-old"

# Messages that a newer version of the application makes obsolete. Receipts are about what the
# applicant did, and a label or a completed project is not affected by later applications.
_OF_A_VERSION: Final[frozenset[About]] = frozenset({"eligibility", "recognition"})


def notification_about(fact: Fact, occurred_at: datetime, traceparent: str = "") -> Notification:
    """Return the notification about a fact; the same fact always gives the same notification."""
    message = message_about(fact)
    return Notification(
        application_id=fact.application_id,
        about=message.about,
        version=0 if isinstance(fact, ProjectCompleted) else fact.version,
        template=message.template,
        details=message.details,
        occurred_at=occurred_at,
        occasion=message.occasion,
        traceparent=traceparent,
    )


def is_too_old(notification: Notification, now: datetime, limit_seconds: float) -> bool:
    """Return whether a fact is too old to be mailed."""
    return now - notification.occurred_at > timedelta(seconds=limit_seconds)


def stop_reason(notification: Notification, lifecycle: Lifecycle) -> str | None:
    """Return why a message must not be sent any more, or `None`.

    A withdrawal ends all messages but the one about itself; a newer version ends the decisions on
    older ones.
    """
    if lifecycle.is_withdrawn and notification.about != "withdrawn":
        return WITHDRAWN
    if notification.about in _OF_A_VERSION and notification.version < lifecycle.newest_version:
        return SUPERSEDED
    return None


@dataclass(frozen=True, slots=True)
class RetrySchedule:
    """When a message is retried: waits double up to the longest one, until the give-up time."""

    first_seconds: float = 60
    longest_seconds: float = 4 * 3600
    give_up_seconds: float = 4 * 24 * 3600

    def wait_seconds(self, failures: int) -> float:
        """Return the wait after this many consecutive failures (at least one)."""
        doublings = min(failures - 1, 32)  # far beyond any longest wait, without overflow
        return min(self.first_seconds * 2.0**doublings, self.longest_seconds)


def after_rejection(
    notification: Notification, rejection: Rejection, now: datetime, schedule: RetrySchedule
) -> Deferred | Failed:
    """Return the outcome of a message that the server rejected.

    A refusal of us by the whole server is waited out and never counts against a message.
    """
    if rejection.about == "mailbox":
        return Failed(rejection.reason, now, answer=rejection.answer)
    if rejection.about == "server":
        until = now + timedelta(seconds=schedule.first_seconds)
        return Deferred(rejection.reason, 0, None, until, rejection.answer)
    failing_since = notification.failing_since or now
    failures = notification.attempts + 1
    until = now + timedelta(seconds=schedule.wait_seconds(failures))
    if until > failing_since + timedelta(seconds=schedule.give_up_seconds):
        reason = GAVE_UP if rejection.about == "later" else rejection.reason
        return Failed(reason, now, answer=rejection.answer)
    return Deferred(rejection.reason, failures, failing_since, until, rejection.answer)


@dataclass(frozen=True, slots=True)
class Allowance:
    """The most messages to attempt per day (in Hong Kong) and per second."""

    per_day: int = 0
    per_second: float = 0
