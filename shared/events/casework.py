"""Facts that `casework` owns: what officers and committees have ruled. Key: the application's id.

Until that service exists, and for history kept elsewhere, `cppp import-rulings` publishes them.
"""

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from shared.events.envelope import ApplicationId, EventData, Reason, Topic
from shared.events.intake import FundingStream
from shared.events.values import Cents, Line, RegistrationNumber

RULINGS: Final = Topic("casework.rulings.v1")

RulingId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""The officer's own reference; one ruling has one, and a repeat is the same ruling."""

Step = Literal[
    "funding",
    "document-check",
    "on-site-assessment",
    "joint-committee",
    "violation-check",
    "notice-period",
]
"""What was ruled on: an application for funding, or one step towards a label."""


class CaseRuled(EventData):
    """An officer or a committee has ruled on one version of an application.

    For funding, `adjusted_cost_cents` lowers the eligible cost, and `grant_cents` sets the amount
    where no term lays it down. `notice_from` and `notice_to` are the days of a public notice, both
    included. `reasons` are the officer's own, in addition to those of the rules.
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


class ProjectCompleted(EventData):
    """A funded project has been completed: what the repeat rule goes by (S1).

    `report_approved` and `recommended_measures` are those of the assessment report. Cases from
    before this platform have an id derived from their case number.
    """

    application_id: ApplicationId
    stream: FundingStream
    factory_registration_number: RegistrationNumber
    completed_on: date
    report_approved: bool
    recommended_measures: tuple[Line, ...] = ()
