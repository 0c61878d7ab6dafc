"""Facts that `eligibility` owns. Key: the application's id."""

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, Field

from shared.calendars import Calendar
from shared.events.envelope import ApplicationId, EventData, Reason, Topic
from shared.events.intake import FundingStream

DECISIONS: Final = Topic("eligibility.decisions.v1")

Outcome = Literal["eligible", "ineligible", "referred"]

NextStep = Literal["ruling", "agreement", "review-request"]
"""An officer's ruling, the agreement on funding, or the applicant's request for a review."""

Clock = Literal["approval", "agreement"]
"""What starts the months within which a project has to finish."""

PaymentStage = Literal["agreement", "interim-report", "final-report"]
"""When a part of a grant is paid: once that is signed, or accepted with its invoices."""

_Day = Annotated[date, Field(strict=False)]


class Outlook(EventData):
    """What comes next after a decision, and by when. What does not apply is null.

    The next `step` is expected within `working_days` of `calendar`, counted from the day of the
    decision: until `last_day`, that day included, which is null where the calendar has no data yet.
    A refusal without a `step` offers no review. What is referred is settled by `decided_by`. A
    grant is paid in parts, `payment_percent`; its project ends within `months_at_most` from
    `clock_starts` on, until `finish_by` where that day is known; the installation is shown to
    other companies as often as `visits_at_least` says.
    """

    step: NextStep | None = None
    working_days: int | None = None
    calendar: Calendar | None = None
    last_day: _Day | None = None
    decided_by: Literal["committee"] | None = None
    months_at_most: int | None = None
    clock_starts: Clock | None = None
    finish_by: _Day | None = None
    visits_at_least: int | None = None
    payment_percent: dict[PaymentStage, int] | None = None


class EligibilityDecided(EventData):
    """A decision has been taken on one version of an application for funding.

    `grant_cents` is the grant of an eligible application, 0 for an ineligible one and null while a
    person has to rule; `indicative_grant_cents` is what the terms would give to a referred one.
    `phase` is null where no phase was open or where it cannot be told. The grant follows from
    `eligible_cost_cents`, `share_percent` and `ceiling_cents`. `facts_hash` is the SHA-256 of all
    that the rules saw. `conditions` are what the applicant owes for a grant. `ruling_id` names the
    officer's ruling that led to the decision, if one did. `outlook` is what comes next.
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
