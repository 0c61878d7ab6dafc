"""What is told about a fact, and what follows from a failure. Pure: no I/O, no clock."""

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

# What a newer version of an application overtakes. Receipts tell what the applicant did, and a
# label or a completed project stays whatever is applied for afterwards.
_OF_A_VERSION: Final[frozenset[About]] = frozenset({"eligibility", "recognition"})

_FINAL_CODES: Final = range(500, 600)
# Answers that are about this service and not about the reader (RFC 4954): signing in failed.
_AUTHENTICATION_CODES: Final = frozenset({530, 534, 535, 538})
# Enhanced status codes (RFC 3463, RFC 7505) that speak of the mailbox: it does not exist, its name
# is none, it has moved, its domain takes no mail, it is disabled.
_NO_SUCH_MAILBOX: Final = frozenset({"5.1.1", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})


def notification_about(fact: Fact, occurred_at: datetime, traceparent: str = "") -> Notification:
    """Choose what is told about a fact; the same fact always gives the same notification."""
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
    """Tell whether a fact lies so far back that it is not mailed any more."""
    return now - notification.occurred_at > timedelta(seconds=limit_seconds)


def stop_reason(notification: Notification, lifecycle: Lifecycle) -> str | None:
    """Tell why a message is not to be sent any more, as its application stands; most are.

    A withdrawal ends all but the message about itself, a newer version the decisions on older ones.
    """
    if lifecycle.is_withdrawn and notification.about != "withdrawn":
        return WITHDRAWN
    if notification.about in _OF_A_VERSION and notification.version < lifecycle.newest_version:
        return SUPERSEDED
    return None


def rejection_by_reply(code: int, status: str = "", *, of_sender: bool = False) -> Rejection:
    """Read a server's answer: a 5xx about reader or content is final, all else may pass.

    A refused sender and a failed sign-in are faults of this installation: an operator mends them,
    and no message is lost over them. Only the enhanced `status` tells that it is the mailbox that
    does not exist: a 550 alone may as well speak of the content, or of us.
    """
    final = code in _FINAL_CODES and code not in _AUTHENTICATION_CODES and not of_sender
    return Rejection(
        f"smtp-{code}", permanent=final, of_mailbox=final and status in _NO_SUCH_MAILBOX
    )


@dataclass(frozen=True, slots=True)
class RetrySchedule:
    """When a message is tried again: doubling waits up to the longest, and then no more."""

    first_seconds: float = 60
    longest_seconds: float = 4 * 3600
    give_up_seconds: float = 4 * 24 * 3600

    def wait_seconds(self, failures: int) -> float:
        """Tell how long to wait after this many failures in a row (at least one)."""
        doublings = min(failures - 1, 32)  # far beyond any longest wait, and no overflow
        return min(self.first_seconds * 2.0**doublings, self.longest_seconds)


def after_rejection(
    notification: Notification, rejection: Rejection, now: datetime, schedule: RetrySchedule
) -> Deferred | Failed:
    """Decide what becomes of a message that the server did not take."""
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
    """The most messages that are begun on a day in Hong Kong, and in a second."""

    per_day: int = 0
    per_second: float = 0
