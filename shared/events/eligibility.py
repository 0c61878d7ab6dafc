"""Events of `eligibility`. Key: the application's id; of the Programme, its rule version."""

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, Field

from shared.calendars import Calendar
from shared.events.envelope import ApplicationId, EventData, Publication, Reason, Topic
from shared.events.intake import FundingStream
from shared.events.programme_terms import (
    ApplicationLimits,
    FundingProcedure,
    PhaseTerms,
    RepeatTerms,
    ShareholdingTerms,
    WorkshopTerms,
)
from shared.events.rule_sets import RULE_VERSION, RuleSetPublished
from shared.events.values import LATER, Extensible

DECISIONS: Final = Topic("eligibility.decisions.v1")
PROGRAMME: Final = Topic("eligibility.programme.v1")

Outcome = Literal["eligible", "ineligible", "referred"]

NextStep = Literal["ruling", "agreement", "review-request"]
"""An officer's ruling, the agreement on funding, or the applicant's request for a review."""

Decider = Literal["committee"]
"""Who decides a referred case, if it is not an officer."""

ClockStart = Literal["approval", "agreement"]
"""The event from which the time limit of a project counts."""

PaymentStage = Literal["agreement", "interim-report", "final-report"]
"""When a part of a grant is paid: once the agreement is signed, or a report is accepted."""

_Day = Annotated[date, Field(strict=False)]


class Outlook(EventData):
    """What follows a decision, and by when. Fields that do not apply are null.

    The next `step` is due within `working_days` of `calendar` after the day of the decision:
    `last_day` is the last of them, and null if the calendar has no data yet. A refusal without a
    `step` offers no review. `decided_by` decides referred cases. A grant is paid in parts,
    `payment_percent`. Its project ends within `months_at_most` of `clock_starts`, by `finish_by` if
    that day is known. The installation must be shown to other companies `visits_at_least` times.
    """

    step: Annotated[str, Extensible(NextStep)] | None = None
    working_days: int | None = None
    calendar: Annotated[str, Extensible(Calendar)] | None = None
    last_day: _Day | None = None
    decided_by: Annotated[str, Extensible(Decider)] | None = None
    months_at_most: int | None = None
    clock_starts: ClockStart | None = None
    finish_by: _Day | None = None
    visits_at_least: int | None = None
    payment_percent: dict[PaymentStage, int] | None = None


class EligibilityDecided(EventData):
    """A decision has been taken on one version of an application for funding.

    `grant_cents` is the grant of an eligible application, 0 for an ineligible one and null until a
    person has ruled; `indicative_grant_cents` is the grant that the terms suggest for a referred
    one. `phase` is null if no phase was open or if it is unknown. The grant follows from
    `eligible_cost_cents`, `share_percent` and `ceiling_cents`, and is not more than
    `requested_cents`, the sum asked for, if the application states it. `facts_hash` is the SHA-256
    of the input of the rules. `conditions` are the obligations that come with a grant. `ruling_id`
    is the officer's ruling that led to the decision, if there is one. `outlook` is what follows.
    """

    application_id: ApplicationId
    version: int
    stream: FundingStream
    outcome: Outcome
    grant_cents: int | None
    indicative_grant_cents: int | None
    phase: str | None
    reasons: tuple[Reason, ...]
    rule_version: str
    received_at: AwareDatetime
    decided_at: AwareDatetime
    factory_registration_number: str | None
    eligible_cost_cents: int
    share_percent: int | None
    ceiling_cents: int | None
    facts_hash: str
    conditions: tuple[Reason, ...] = ()
    ruling_id: str | None = None
    outlook: Annotated[Outlook | None, Field(strict=False)] = None
    requested_cents: Annotated[int | None, LATER] = None


class ProgrammePublished(RuleSetPublished):
    """The terms of the Programme by which applications for funding are decided from now on.

    Of all events of this topic the one with the latest `in_force_from` is in force; no two have the
    same. A version that takes effect again, as after a roll-back, is published again. Decisions
    name their `rule_version`. What no source gives is null or a range of days, and is referred to a
    person; the source `setting` marks what the operator has set.
    """

    shareholding: ShareholdingTerms
    workshops: WorkshopTerms
    repeat: RepeatTerms
    limits: ApplicationLimits
    procedures: tuple[FundingProcedure, ...]
    phases: tuple[PhaseTerms, ...]


PUBLICATIONS: Final = (
    Publication(
        EligibilityDecided,
        DECISIONS,
        "A version of an application for funding was read and decided; and again for each ruling "
        "on it.",
    ),
    Publication(
        ProgrammePublished,
        PROGRAMME,
        "The service has started with other terms, or other sentences, than it last decided by.",
        RULE_VERSION,
    ),
)
