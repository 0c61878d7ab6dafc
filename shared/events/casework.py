"""Events of `casework`: the rulings of officers and committees. Key: the application's id.

`cppp import-rulings` publishes them for history, and until that service exists.
"""

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from shared.events.envelope import ApplicationId, EventData, Publication, Reason, Topic
from shared.events.intake import FundingStream
from shared.events.values import Cents, Line, RegistrationNumber

RULINGS: Final = Topic("casework.rulings.v1")

RulingId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""The officer's own reference of a ruling; a repeated reference is the same ruling."""

Step = Literal[
    "funding",
    "document-check",
    "on-site-assessment",
    "joint-committee",
    "violation-check",
    "notice-period",
]
"""The subject of a ruling: an application for funding, or one step towards a label."""


class CaseRuled(EventData):
    """An officer or a committee has ruled on one version of an application.

    For funding, `adjusted_cost_cents` lowers the eligible cost, and `grant_cents` sets the amount
    if the terms do not. `notice_from` and `notice_to` are the first and last day of a public
    notice. `reasons` are the officer's own, in addition to those of the rules. `case_number` is
    that of a case older than this platform, as typed; its id is derived from it. `objection_id`
    names the objection that is ruled on, in the step `notice-period`: `approved` means that the
    label may be awarded in spite of it, `refused` that the objection is upheld.
    """

    application_id: ApplicationId
    version: Annotated[int, Field(ge=1)]
    ruling_id: RulingId
    step: Step
    ruling: Literal["approved", "refused"]
    ruled_at: AwareDatetime
    adjusted_cost_cents: Cents | None = None
    grant_cents: Cents | None = None
    notice_from: date | None = None
    notice_to: date | None = None
    reasons: tuple[Reason, ...] = ()
    case_number: Line | None = None
    objection_id: RulingId | None = None


class ObjectionReceived(EventData):
    """Somebody has objected in writing to a label during its public notice (S22, S33).

    No label is awarded, on any version of the application, until a ruling names `objection_id`. Who
    objects, and why, is in the officers' files and in no event. `case_number` is as in a ruling.
    """

    application_id: ApplicationId
    objection_id: RulingId
    received_at: AwareDatetime
    case_number: Line | None = None


class ProjectCompleted(EventData):
    """A funded project has been completed; the repeat rule depends on it (S1).

    `report_approved` and `recommended_measures` describe the assessment report. Cases older than
    this platform have an id derived from their `case_number`, which is given as typed.
    """

    application_id: ApplicationId
    stream: FundingStream
    factory_registration_number: RegistrationNumber
    completed_on: date
    report_approved: bool
    recommended_measures: tuple[Line, ...] = ()
    case_number: Line | None = None


PUBLICATIONS: Final = (
    Publication(
        CaseRuled, RULINGS, "`cppp import-rulings` has read a ruling from a file of the officers."
    ),
    Publication(
        ObjectionReceived,
        RULINGS,
        "`cppp import-rulings` has read an objection from a file of the officers.",
    ),
    Publication(
        ProjectCompleted,
        RULINGS,
        "`cppp import-rulings` has read a completion from a file of the officers.",
    ),
)
