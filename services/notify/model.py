"""The types of this service: notifications, recipients and outcomes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar, Literal

from shared.calendars import Calendar
from shared.events.casework import Step
from shared.events.eligibility import ClockStart, PaymentStage
from shared.events.envelope import Language, Reason
from shared.events.intake import Category, FundingStream
from shared.events.notify import Template

About = Literal[
    "received",
    "amended",
    "withdrawn",
    "eligibility",
    "completed",
    "recognition",
    "label-awarded",
    "label-expired",
]
State = Literal[
    "due",
    "waiting-for-contact",
    "sending",
    "sent",
    "temporary-failure",
    "permanent-failure",
    "erased",
    "stopped",
    "suppressed",
    "too-old",
]

Failure = Literal["permanent-failure", "erased", "stopped", "suppressed", "too-old"]
End = Literal["sent"] | Failure


@dataclass(frozen=True, slots=True)
class Details:
    """The content of a message, without personal data. Other fields keep their defaults.

    `is_ruling`: an officer has ruled; `is_cost_adjusted`: the ruling lowered the eligible cost.
    A label is valid on both days of its validity, too. The next step is due within a number of
    working days of a calendar, by `due_by` if that calendar has data. `is_review_offered` is for
    refusals. The fields from `decided_by` on are those of the decision's `Outlook`.
    """

    applied_for: FundingStream | Category | None = None
    received_at: datetime | None = None
    decided_at: datetime | None = None
    withdrawn_at: datetime | None = None
    phase: str | None = None
    round_year: int | None = None
    grant_cents: int | None = None
    indicative_grant_cents: int | None = None
    eligible_cost_cents: int | None = None
    share_percent: int | None = None
    ceiling_cents: int | None = None
    requested_cents: int | None = None
    is_ruling: bool = False
    is_cost_adjusted: bool = False
    reasons: tuple[Reason, ...] = ()
    conditions: tuple[Reason, ...] = ()
    completed_on: date | None = None
    step: Step | None = None
    next_step: Step | None = None
    notice_ends_on: date | None = None
    notice_calendar: Calendar | None = None
    certificate_number: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    due_working_days: int | None = None
    due_calendar: Calendar | None = None
    due_by: date | None = None
    is_review_offered: bool | None = None
    decided_by: str | None = None
    months_at_most: int | None = None
    clock_starts: ClockStart | None = None
    finish_by: date | None = None
    visits_at_least: int | None = None
    payment_percent: Mapping[PaymentStage, int] | None = None


@dataclass(frozen=True, slots=True)
class Notification:
    """One message about one fact. `occurred_at` is the event's time and becomes the mail's date.

    `version` is 0 if the fact has none. `occasion` distinguishes facts of one kind on the same
    version. `failing_since` is the time of the first of `attempts` temporary failures. `resend` is
    0, or counts how often an operator has had the message sent again.
    """

    application_id: str
    about: About
    version: int
    template: Template
    details: Details
    occurred_at: datetime
    occasion: str = ""
    traceparent: str = ""
    attempts: int = 0
    failing_since: datetime | None = None
    resend: int = 0

    @property
    def id(self) -> str:
        """The idempotency key: one message for each fact, and one for each time it is resent."""
        return f"{self.fact_id}#{self.resend}" if self.resend else self.fact_id

    @property
    def fact_id(self) -> str:
        """Identifies the message to readers: one for each kind of fact, version and occasion."""
        key = f"{self.application_id}:{self.about}:{self.version}"
        return f"{key}:{self.occasion}" if self.occasion else key


@dataclass(frozen=True, slots=True)
class Resend:
    """An operator's order to send a message again: who gave it, when and why."""

    by: str
    at: datetime
    because: str


@dataclass(frozen=True, slots=True)
class Recipient:
    """The contact person of an application: personal data, therefore hidden in a `repr`."""

    name: str = field(repr=False)
    email: str = field(repr=False)
    language: Language


@dataclass(frozen=True, slots=True)
class Registration:
    """A recipient as of one version of the application; `at` is the event's time."""

    application_id: str
    version: int
    recipient: Recipient
    at: datetime


@dataclass(frozen=True, slots=True)
class Erasure:
    """The erasure of an application's contact, registered up to the time of the tombstone."""

    application_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Amendments and withdrawal of an application, which end older messages about it."""

    newest_version: int
    is_withdrawn: bool


Intent = Notification | Registration | Erasure


RefusalOf = Literal["mailbox", "unclear", "policy", "domain", "server", "content", "later"]
"""What a refusal is about, which decides what becomes of the message.

`mailbox`: nothing will ever be accepted for this recipient. `unclear`: a bare code, which is the
mailbox's unless recipients of several domains get the same answer. `policy`: the answer is about us
or about the protocol; it is `domain` while recipients of one domain alone get it, else `server`.
`server`: the mail server takes nothing from us. `content`: the message itself. `later`: temporary.
"""


@dataclass(frozen=True, slots=True)
class Rejection:
    """The server rejected a message. `reason` is a code, never the server's words.

    `answer` is the step with the server's codes, such as `rcpt-554-5.7.1`. `suppresses` if the
    server will accept no message for that mailbox, from anybody.
    """

    reason: str
    about: RefusalOf = "later"
    answer: str = ""
    is_final_code: bool = False
    suppresses: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """The server accepted the message."""

    state: ClassVar[Literal["sent"]] = "sent"
    message_id: str
    language: Language
    at: datetime


@dataclass(frozen=True, slots=True)
class Deferred:
    """The message will be retried at `until`; `reason` is that of the last failure.

    `failing_since` is `None` if the failure does not count: it is not about this message.
    """

    state: ClassVar[State] = "temporary-failure"
    reason: str
    attempts: int
    failing_since: datetime | None
    until: datetime
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """The message will never be sent.

    `answer`, as in `Deferred`, is the mail server's: the step and its codes, never its words.
    """

    reason: str
    at: datetime
    state: Failure = "permanent-failure"
    answer: str = ""


@dataclass(frozen=True, slots=True)
class AwaitingContact:
    """No contact is known yet; the message is due again when one arrives, or at `until`."""

    state: ClassVar[State] = "waiting-for-contact"
    until: datetime


Outcome = Sent | Deferred | Failed | AwaitingContact
