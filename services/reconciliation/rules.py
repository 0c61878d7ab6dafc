"""What must follow each fact, and which expectations it meets. Pure: no I/O, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import singledispatch
from typing import Any, Final, Literal, get_args

from shared.events.eligibility import EligibilityDecided
from shared.events.intake import ApplicationAmended, ApplicationSubmitted, ApplicationWithdrawn
from shared.events.notify import NotificationFailed, NotificationSent, Template
from shared.events.recognition import LabelAwarded, LabelExpired, RecognitionDecided

Stage = Literal["decided", "notified"]
STAGES: Final[tuple[Stage, ...]] = get_args(Stage)

Fact = (
    ApplicationSubmitted
    | ApplicationAmended
    | ApplicationWithdrawn
    | EligibilityDecided
    | RecognitionDecided
    | LabelAwarded
    | LabelExpired
    | NotificationSent
    | NotificationFailed
)

# Receipts and completions are mailed, too, but nothing here waits for them.
_UNEXPECTED: Final[frozenset[Template]] = frozenset({"received", "amended", "project-completed"})


@dataclass(frozen=True, slots=True)
class Expectation:
    """Something that must follow a fact.

    `subject` identifies it within its stage: `<application id>:<version>` for a decision, the
    notification's id for a notification. `since` is the time of the fact.
    """

    stage: Stage
    subject: str
    application_id: str
    version: int
    since: datetime
    outlives_withdrawal: bool = False

    @property
    def id(self) -> str:
        """The idempotency key of the expectation."""
        return expectation_id(self.stage, self.subject)


@dataclass(frozen=True, slots=True)
class Consequences:
    """The consequences of a fact: new expectations, ids of met ones, a withdrawn application."""

    expected: Sequence[Expectation] = field(default=())
    met: Sequence[str] = field(default=())
    withdrawn: str | None = None


def expectation_id(stage: Stage, subject: str) -> str:
    """Return the id of the expectation that is met."""
    return f"{stage}/{subject}"


@singledispatch
def consequences(fact: Any, _at: datetime) -> Consequences | None:
    """Return the consequences of a fact at its time; most receipts have none."""
    raise TypeError(type(fact).__name__)


@consequences.register
def _(fact: ApplicationSubmitted, at: datetime) -> Consequences:
    subject = f"{fact.application_id}:{fact.version}"
    return Consequences([Expectation("decided", subject, fact.application_id, fact.version, at)])


@consequences.register
def _(fact: ApplicationWithdrawn, at: datetime) -> Consequences:
    notification = _notification(fact, "withdrawn", at, outlives_withdrawal=True)
    return Consequences([notification], withdrawn=fact.application_id)


@consequences.register
def _(fact: EligibilityDecided, at: datetime) -> Consequences:
    notification = _notification(fact, "eligibility", at, fact.ruling_id or "")
    return Consequences([notification], [_decided(fact)])


@consequences.register
def _(fact: RecognitionDecided, at: datetime) -> Consequences:
    parts = (fact.step, fact.outcome, fact.notice_ends_on, fact.objection_id)
    occasion = ":".join(str(each) for each in parts if each is not None)
    notification = _notification(fact, "recognition", at, occasion if fact.step else "")
    return Consequences([notification], [_decided(fact)])


@consequences.register
def _(fact: LabelAwarded, at: datetime) -> Consequences:
    return Consequences([_notification(fact, "label-awarded", at)])


@consequences.register
def _(fact: LabelExpired, at: datetime) -> Consequences:
    return Consequences([_notification(fact, "label-expired", at)])


@consequences.register(NotificationSent)
@consequences.register(NotificationFailed)
def _(fact: NotificationSent | NotificationFailed, _at: datetime) -> Consequences | None:
    # A failed notification is an end, too: `notify` says why. If an operator sends it again, what
    # follows meets the same expectation once more.
    if fact.template in _UNEXPECTED:
        return None
    return Consequences(met=[expectation_id("notified", fact.notification_id)])


def _decided(fact: EligibilityDecided | RecognitionDecided) -> str:
    return expectation_id("decided", f"{fact.application_id}:{fact.version}")


def _notification(
    fact: Any, about: str, at: datetime, occasion: str = "", *, outlives_withdrawal: bool = False
) -> Expectation:
    """Return the expected notification about a fact, under the id that `notify` gives it."""
    subject = f"{fact.application_id}:{about}:{fact.version}"
    return Expectation(
        "notified",
        f"{subject}:{occasion}" if occasion else subject,
        fact.application_id,
        fact.version,
        at,
        outlives_withdrawal,
    )
