"""The repeat rule: a second on-site assessment of the same factory (S1). Pure.

The factory's history comes from the service's own database. The applicant only claims which
measure was implemented and what has changed since.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from services.eligibility.rules.programme import Repeat
from shared.clock import months_after
from shared.events.intake import RecognitionClaim, RepeatClaim

# The recognition that the repeat rule names (S1); a person decides on any other.
_NAMED_LEVELS: Final = frozenset({"municipal", "national", "international"})


@dataclass(frozen=True, slots=True)
class Completion:
    """A completed funded project, as stored."""

    completed_on: date
    report_approved: bool
    recommended_measures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class History:
    """The history of a factory when an application is decided.

    `assessments` are the completed ones, the earliest first. `other_open_cases` counts this
    factory's other applications in the same stream that are decided and neither refused, withdrawn
    nor completed; `other_granted_cases` counts those of them that have a grant.
    """

    assessments: tuple[Completion, ...] = ()
    other_open_cases: int = 0
    other_granted_cases: int = 0


NO_HISTORY = History()


class Days(NamedTuple):
    """The days of receipt and of the start of work; the programme says which one must wait."""

    received_on: date
    starts_on: date


def about_repeat(
    claim: RepeatClaim | None, history: History, days: Days, rule: Repeat
) -> Iterator[str]:
    """Return every reason against a second assessment; the latest earlier one counts.

    The period counts from completion, so it has not begun while an earlier assessment runs.
    """
    if history.other_granted_cases:
        yield "earlier-assessment-not-completed"
    if not history.assessments:
        if claim is not None:
            yield "earlier-assessment-not-in-record"
        return
    earlier = history.assessments[-1]
    yield from _about_time(earlier, days, rule)
    yield from _about_measure(claim, earlier)
    yield from _about_change(claim)


def _about_time(earlier: Completion, days: Days, rule: Repeat) -> Iterator[str]:
    # Without a corresponding day (29 February) the period ends on the last day of the month.
    anniversary = months_after(earlier.completed_on, 12 * rule.years)
    if rule.anniversary.binds == "application":
        if days.received_on < anniversary:
            yield "repeat-too-early"
    elif days.starts_on < anniversary:
        yield "repeat-work-too-early"


def _about_measure(claim: RepeatClaim | None, earlier: Completion) -> Iterator[str]:
    recommended = earlier.report_approved and earlier.recommended_measures
    if claim is None or not recommended or claim.implemented_measure not in recommended:
        yield "repeat-without-recommended-measure"
        return
    if not claim.measure_is_facility_investment:
        yield "repeat-without-investment"
    if claim.environmental_benefit_shown is None:  # earlier forms did not ask for it
        yield "repeat-benefit-not-stated"
    elif not claim.environmental_benefit_shown:
        yield "repeat-without-benefit"


def _about_change(claim: RepeatClaim | None) -> Iterator[str]:
    if claim is None or (claim.change is None and claim.recognition is None):
        yield "repeat-without-change"
    elif claim.recognition and claim.change in {None, "recognition-sought"}:
        yield from _about_recognition(claim.recognition)


def _about_recognition(recognition: RecognitionClaim) -> Iterator[str]:
    if recognition.level not in _NAMED_LEVELS:
        yield "recognition-level-not-named"
    if recognition.status == "held":  # the source names the pursuit alone
        yield "recognition-already-held"
