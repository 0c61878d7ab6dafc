"""The content of the message about each kind of fact. Pure: no I/O, no clock."""

from dataclasses import dataclass
from functools import singledispatch
from typing import Any, Final, get_args

from services.notify.model import About, Details
from shared.calendars import Calendar
from shared.clock import whole_milliseconds
from shared.events.casework import ProjectCompleted
from shared.events.eligibility import EligibilityDecided, Outlook
from shared.events.envelope import Reason
from shared.events.intake import (
    ApplicationAmended,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    RecognitionApplication,
)
from shared.events.notify import Template
from shared.events.recognition import LabelAwarded, LabelExpired, RecognitionDecided
from shared.events.recognition import Outcome as RecognitionOutcome
from shared.events.values import known

Fact = (
    ApplicationSubmitted
    | ApplicationAmended
    | ApplicationWithdrawn
    | EligibilityDecided
    | ProjectCompleted
    | RecognitionDecided
    | LabelAwarded
    | LabelExpired
)

RECOGNITION_TEMPLATES: Final[dict[RecognitionOutcome, Template]] = {
    "qualified": "recognition-qualified",
    "not-qualified": "recognition-not-qualified",
    "referred": "recognition-referred",
}
_CALENDARS: Final[tuple[Calendar, ...]] = get_args(Calendar)


@dataclass(frozen=True, slots=True)
class Message:
    """The message about a fact.

    `occasion` distinguishes facts of one kind on the same version; it follows from the fact.
    """

    about: About
    template: Template
    details: Details
    occasion: str = ""


@singledispatch
def message_about(fact: Any) -> Message:
    """Return the message about a fact; raises `TypeError` for anything else."""
    raise TypeError(type(fact).__name__)


@message_about.register
def _(fact: ApplicationSubmitted) -> Message:
    return Message("received", "received", _receipt(fact))


@message_about.register
def _(fact: ApplicationAmended) -> Message:
    return Message("amended", "amended", _receipt(fact))


def _receipt(fact: ApplicationSubmitted) -> Details:
    application = fact.application
    applied_for = (
        application.candidacy.category
        if isinstance(application, RecognitionApplication)
        else application.stream
    )
    return Details(applied_for, whole_milliseconds(fact.received_at))


@message_about.register
def _(fact: ApplicationWithdrawn) -> Message:
    details = Details(withdrawn_at=whole_milliseconds(fact.withdrawn_at))
    return Message("withdrawn", "withdrawn", details)


@message_about.register
def _(fact: EligibilityDecided) -> Message:
    details = Details(
        applied_for=fact.stream,
        received_at=whole_milliseconds(fact.received_at),
        decided_at=whole_milliseconds(fact.decided_at),
        phase=fact.phase,
        grant_cents=fact.grant_cents,
        indicative_grant_cents=fact.indicative_grant_cents,
        eligible_cost_cents=fact.eligible_cost_cents,
        share_percent=fact.share_percent,
        ceiling_cents=fact.ceiling_cents,
        requested_cents=fact.requested_cents,
        is_ruling=fact.ruling_id is not None,
        is_cost_adjusted=_names(fact.reasons, "cost-adjusted"),
        reasons=fact.reasons,
        conditions=fact.conditions,
        **_outlook(fact.outlook, fact.outcome),
    )
    return Message("eligibility", _funding_template(fact), details, fact.ruling_id or "")


def _outlook(outlook: Outlook | None, outcome: str) -> dict[str, Any]:
    """Return what follows, and by when, as far as the decision says."""
    if outlook is None:
        return {}
    return {
        "due_working_days": outlook.working_days,
        "due_calendar": known(outlook.calendar, _CALENDARS),
        "due_by": outlook.last_day,
        "is_review_offered": outlook.step is not None if outcome == "ineligible" else None,
        "decided_by": outlook.decided_by,
        "months_at_most": outlook.months_at_most,
        "clock_starts": outlook.clock_starts,
        "finish_by": outlook.finish_by,
        "visits_at_least": outlook.visits_at_least,
        "payment_percent": outlook.payment_percent,
    }


def _funding_template(fact: EligibilityDecided) -> Template:
    # An officer has approved without an amount: the case is decided, the grant is still to be set.
    if fact.outcome == "referred" and _names(fact.reasons, "amount-not-ruled"):
        return "grant-to-be-set"
    return fact.outcome


def _names(reasons: tuple[Reason, ...], code: str) -> bool:
    return any(each.code == code for each in reasons)


@message_about.register
def _(fact: ProjectCompleted) -> Message:
    details = Details(applied_for=fact.stream, completed_on=fact.completed_on)
    return Message("completed", "project-completed", details, fact.completed_on.isoformat())


@message_about.register
def _(fact: RecognitionDecided) -> Message:
    details = Details(
        applied_for=fact.category,
        received_at=whole_milliseconds(fact.received_at),
        decided_at=whole_milliseconds(fact.decided_at),
        round_year=fact.round_year,
        reasons=fact.reasons,
        step=fact.step,
        next_step=fact.next_step,
        notice_ends_on=fact.notice_ends_on,
        notice_calendar=known(fact.notice_calendar, _CALENDARS),
        due_working_days=fact.next_step_working_days,
        due_calendar=known(fact.next_step_calendar, _CALENDARS),
        due_by=fact.next_step_by,
    )
    passed_a_step = fact.step and fact.outcome == "qualified"
    template = "recognition-step" if passed_a_step else RECOGNITION_TEMPLATES[fact.outcome]
    return Message("recognition", template, details, _step_occasion(fact))


def _step_occasion(fact: RecognitionDecided) -> str:
    """Return step, outcome, end of the notice and objection, so that each of them is mailed."""
    if fact.step is None:
        return ""
    parts = (fact.step, fact.outcome, fact.notice_ends_on, fact.objection_id)
    return ":".join(str(each) for each in parts if each is not None)


@message_about.register
def _(fact: LabelAwarded) -> Message:
    details = Details(
        applied_for=fact.category,
        round_year=fact.round_year,
        certificate_number=fact.certificate_number,
        valid_from=fact.valid_from,
        valid_to=fact.valid_to,
    )
    return Message("label-awarded", "label-awarded", details)


@message_about.register
def _(fact: LabelExpired) -> Message:
    details = Details(
        applied_for=fact.category,
        round_year=fact.round_year,
        certificate_number=fact.certificate_number,
        valid_to=fact.valid_to,
    )
    return Message("label-expired", "label-expired", details)
