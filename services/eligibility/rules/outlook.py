"""What follows a decision, and by when. Pure: the same arguments give the same result."""

from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from services.eligibility.rules.procedure import Procedure
from services.eligibility.rules.programme import Programme, Terms
from shared.clock import months_after
from shared.decisions.rule_file import Period
from shared.decisions.shared_values import SharedMapping
from shared.events.eligibility import NextStep, Outcome
from shared.events.intake import FundingStream

OutlookJson = dict[str, Any]
"""The fields of the event's `Outlook`, as JSON has them."""


class Decided(NamedTuple):
    """The parts of a decision that its outlook depends on."""

    stream: FundingStream
    phase: str | None
    outcome: Outcome


class Outlooks:
    """The outlooks of a programme, cached: a day has few different ones."""

    def __init__(self, programme: Programme) -> None:
        self._programme = programme
        self._of = lru_cache(4096)(self._build)

    def of(self, decided: Decided, received_on: date, decided_on: date) -> SharedMapping:
        """Return the outlook of a decision made on a Hong Kong day."""
        return self._of(decided, received_on, decided_on)

    def _build(self, decided: Decided, received_on: date, decided_on: date) -> SharedMapping:
        procedure = self._programme.procedure_on(received_on)
        terms = self._programme.terms_of(decided.phase, decided.stream)
        return SharedMapping(outlook(procedure, terms, decided.outcome, decided_on))


def outlook(
    procedure: Procedure, terms: Terms | None, outcome: Outcome, decided_on: date
) -> OutlookJson:
    """Return the outlook of a decision made on a Hong Kong day."""
    if outcome == "eligible":
        return _of_a_grant(procedure, terms, decided_on)
    if outcome == "referred":
        ruling = _next("ruling", procedure.processing.ruling, decided_on)
        return {**ruling, "decided_by": procedure.scoring.decided_by}
    review = procedure.review
    return _next("review-request", review.within if review.offered else None, decided_on)


def _next(step: NextStep, period: Period | None, decided_on: date) -> OutlookJson:
    if period is None:
        offered = None if step == "review-request" else step
        return {**_NOTHING, "step": offered}
    last_day = period.last_day(decided_on)
    return {
        **_NOTHING,
        "step": step,
        "working_days": period.working_days,
        "calendar": period.calendar,
        "last_day": last_day.isoformat() if last_day else None,
    }


_NOTHING: OutlookJson = dict.fromkeys(
    (
        "step",
        "working_days",
        "calendar",
        "last_day",
        "decided_by",
        "months_at_most",
        "clock_starts",
        "finish_by",
        "visits_at_least",
        "payment_percent",
    )
)


def _of_a_grant(procedure: Procedure, terms: Terms | None, decided_on: date) -> OutlookJson:
    """Return the obligations of the applicant and the payments."""
    agreement = _next("agreement", procedure.processing.agreement, decided_on)
    payment = (terms and terms.payment) or procedure.payment
    visits = terms.visits.at_least if terms and terms.visits else 0
    return {
        **agreement,
        **_duration(procedure, terms, decided_on),
        "visits_at_least": visits or None,
        "payment_percent": payment.percent,
    }


def _duration(procedure: Procedure, terms: Terms | None, decided_on: date) -> OutlookJson:
    """Return the time limit in months, and its end if the clock starts with the decision."""
    if terms is None or terms.months_at_most is None:
        return {}
    starts = procedure.project_clock.starts_with
    finish_by = months_after(decided_on, terms.months_at_most) if starts == "approval" else None
    return {
        "months_at_most": terms.months_at_most,
        "clock_starts": starts,
        "finish_by": finish_by.isoformat() if finish_by else None,
    }
