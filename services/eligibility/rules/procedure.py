"""The procedure as data: times for each step, review, the project's clock, payment.

No source states any of it, so each is an operator's setting, dated by the day of receipt.
"""

from datetime import date
from typing import Literal

from pydantic import PositiveInt, model_validator

from shared.decisions.rule_file import Entry, Period
from shared.events.eligibility import ClockStart, PaymentStage

_WHOLE = 100


class Processing(Entry):
    """How long the Secretariat takes; for a step that is not set no day is given."""

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
            msg = "Must have `within` where a review is offered."
            raise ValueError(msg)
        return self


class ProjectClock(Entry):
    """When the time limit of a project starts."""

    starts_with: ClockStart
    source: str


class Payment(Entry):
    """The shares of the grant, in per cent, that are paid at each stage."""

    percent: dict[PaymentStage, PositiveInt]
    source: str

    @model_validator(mode="after")
    def _pays_the_whole_grant(self) -> "Payment":
        if sum(self.percent.values()) != _WHOLE:
            msg = f"Must have stages that together pay {_WHOLE} % of the grant."
            raise ValueError(msg)
        return self


class Scoring(Entry):
    """Who decides referred cases. There are no points and no pass mark."""

    decided_by: Literal["committee"]
    source: str


class Procedure(Entry):
    """The procedure for cases received since a day, until the next entry."""

    since: date
    processing: Processing = Processing()
    review: Review
    project_clock: ProjectClock
    payment: Payment
    scoring: Scoring
