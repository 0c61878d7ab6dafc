"""What is told about a fact, and what follows from a failure. Pure: no I/O, no clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.notify.notification import (
    About,
    Deferred,
    Details,
    Failed,
    Notification,
    Rejection,
)
from shared.clock import whole_milliseconds
from shared.events.eligibility import EligibilityDecided
from shared.events.intake import ApplicationSubmitted, RecognitionApplication
from shared.events.notify import Template
from shared.events.recognition import Outcome as RecognitionOutcome
from shared.events.recognition import RecognitionDecided

Fact = ApplicationSubmitted | EligibilityDecided | RecognitionDecided

RECOGNITION_TEMPLATES: Final[dict[RecognitionOutcome, Template]] = {
    "qualified": "recognition-qualified",
    "not-qualified": "recognition-not-qualified",
    "referred": "recognition-referred",
}
GAVE_UP: Final = "gave-up"

# What tells several decisions on one version apart, in the events that have it.
_OCCASIONS: Final = {"ruling_id", "step"}

_FINAL_CODES: Final = range(500, 600)
# Answers that are about this service and not about the reader (RFC 4954): signing in failed.
_AUTHENTICATION_CODES: Final = frozenset({530, 534, 535, 538})


def notification_about(
    fact: Fact, occurred_at: datetime, traceparent: str = ""
) -> Notification | None:
    """Choose what is told about a fact; the same fact always gives the same notification.

    A step of a candidacy after the prerequisites has no message.
    """
    occasion = fact.model_dump(include=_OCCASIONS)
    if occasion.get("step"):
        return None
    about, template, details = _told(fact)
    return Notification(
        application_id=fact.application_id,
        about=about,
        version=fact.version,
        template=template,
        details=details,
        occurred_at=occurred_at,
        occasion=occasion.get("ruling_id") or "",
        traceparent=traceparent,
    )


def _told(fact: Fact) -> tuple[About, Template, Details]:
    match fact:
        case ApplicationSubmitted():
            return "received", "received", _receipt(fact)
        case EligibilityDecided():
            return "eligibility", fact.outcome, _funding_decision(fact)
        case RecognitionDecided():
            template = RECOGNITION_TEMPLATES[fact.outcome]
            return "recognition", template, _recognition_decision(fact)


def _receipt(fact: ApplicationSubmitted) -> Details:
    application = fact.application
    applied_for = (
        application.candidacy.category
        if isinstance(application, RecognitionApplication)
        else application.stream
    )
    return Details(applied_for, whole_milliseconds(fact.received_at))


def _funding_decision(fact: EligibilityDecided) -> Details:
    return Details(
        applied_for=fact.stream,
        received_at=whole_milliseconds(fact.received_at),
        decided_at=whole_milliseconds(fact.decided_at),
        phase=fact.phase,
        grant_cents=fact.grant_cents,
        indicative_grant_cents=fact.indicative_grant_cents,
        reasons=fact.reasons,
    )


def _recognition_decision(fact: RecognitionDecided) -> Details:
    return Details(
        applied_for=fact.category,
        received_at=whole_milliseconds(fact.received_at),
        decided_at=whole_milliseconds(fact.decided_at),
        round_year=fact.round_year,
        reasons=fact.reasons,
    )


def rejection_by_code(code: int, *, of_sender: bool) -> Rejection:
    """Read a server's answer: a 5xx about reader or content is final, all else may pass.

    A refused sender and a failed sign-in are faults of this installation: an operator mends them,
    and no message is lost over them.
    """
    final = code in _FINAL_CODES and code not in _AUTHENTICATION_CODES and not of_sender
    return Rejection(f"smtp-{code}", permanent=final)


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
