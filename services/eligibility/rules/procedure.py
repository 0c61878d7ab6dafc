"""How a case is dealt with, as data: times for each step, review, the project's clock, payment.

No source tells any of it, so each is the operator's setting, dated by the day of receipt.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, PositiveInt, model_validator

from services.eligibility.rules.entry import Entry
from shared.calendars import Calendar
from shared.events.eligibility import ClockStart, PaymentStage

_WHOLE = 100


class Period(Entry):
    """So many working days after a decision, and by which calendar they are counted."""

    working_days: Annotated[int, Field(ge=1, le=250)]
    calendar: Calendar
    source: str


class Processing(Entry):
    """How long the Secretariat takes; a step that is not set is told without a day."""

    ruling: Period | None = None
    agreement: Period | None = None


class Review(Entry):
    """Whether a refused applicant may request a review, once, and for how long."""

    offered: bool
    within: Period | None = None
    source: str

    @model_validator(mode="after")
    def _has_a_period_if_offered(self) -> "Review":
        if self.offered and self.within is None:
            msg = "give `within` where a review is offered"
            raise ValueError(msg)
        return self


class ProjectClock(Entry):
    """What starts the months within which a project has to finish."""

    starts_with: ClockStart
    source: str


class Payment(Entry):
    """The shares of the grant, in per cent, that are paid at each stage."""

    percent: dict[PaymentStage, PositiveInt]
    source: str

    @model_validator(mode="after")
    def _pays_the_whole_grant(self) -> "Payment":
        if sum(self.percent.values()) != _WHOLE:
            msg = f"the stages together pay {_WHOLE} % of the grant"
            raise ValueError(msg)
        return self


class Scoring(Entry):
    """Who settles what is referred. There are no points and no pass mark to be reached."""

    decided_by: Literal["committee"]
    source: str


class Procedure(Entry):
    """How cases that were received since a day are dealt with, until the next entry."""

    since: date
    processing: Processing = Processing()
    review: Review
    project_clock: ProjectClock
    payment: Payment
    scoring: Scoring
