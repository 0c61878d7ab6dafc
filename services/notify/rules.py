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

_FINAL_CODES: Final = range(500, 600)
# Replies about this service and not about the recipient (RFC 4954): authentication failed.
_AUTHENTICATION_CODES: Final = frozenset({530, 534, 535, 538})
# Enhanced status codes (RFC 3463, RFC 7505) about the mailbox: it does not exist, its name is
# malformed, it has moved, its domain accepts no mail, it is disabled.
_NO_SUCH_MAILBOX: Final = frozenset({"5.1.1", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})


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


def rejection_by_reply(code: int, status: str = "", *, of_sender: bool = False) -> Rejection:
    """Interpret a server's reply: a 5xx about recipient or content is final, others are temporary.

    A refused sender and a failed authentication are faults of this installation: an operator fixes
    them, and no message is lost. Only the enhanced `status` shows that the mailbox does not exist:
    a 550 alone may be about the content, or about us.
    """
    final = code in _FINAL_CODES and code not in _AUTHENTICATION_CODES and not of_sender
    return Rejection(
        f"smtp-{code}", permanent=final, of_mailbox=final and status in _NO_SUCH_MAILBOX
    )


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
    """Return the outcome of a message that the server rejected."""
    if rejection.permanent:
        return Failed(rejection.reason, now)
    failing_since = notification.failing_since or now
    failures = notification.attempts + 1
    until = now + timedelta(seconds=schedule.wait_seconds(failures))
    if until > failing_since + timedelta(seconds=schedule.give_up_seconds):
        return Failed(GAVE_UP, now)
    return Deferred(rejection.reason, failures, failing_since, until)


@dataclass(frozen=True, slots=True)
class Allowance:
    """The most messages to attempt per day (in Hong Kong) and per second."""

    per_day: int = 0
    per_second: float = 0
