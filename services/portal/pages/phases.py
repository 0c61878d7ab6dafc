"""Which phases accept applications on a day. Pure."""

from collections.abc import Sequence
from datetime import date
from typing import Literal

from shared.events.programme_terms import PhaseDay, PhaseTerms

PhaseStatus = Literal["ahead", "maybe-open", "open", "maybe-closed", "closed"]


def status_on(phase: PhaseTerms, today: date) -> PhaseStatus:
    """Return whether a phase is open on a Hong Kong day, as far as its days are known."""
    first, last = _earliest(phase.opens), _latest(phase.closes)
    if first is not None and today < first:
        return "ahead"
    if last is not None and today > last:
        return "closed"
    begun, may_end = _latest(phase.opens), _earliest(phase.closes)
    if begun is None or today < begun:
        return "maybe-open"
    return "maybe-closed" if may_end is not None and today > may_end else "open"


def shown_as_open(phases: Sequence[PhaseTerms], today: date) -> Sequence[PhaseTerms]:
    """Return the phases that accept applications, or may: their page says which."""
    return [each for each in phases if status_on(each, today) not in {"ahead", "closed"}]


def _earliest(day: PhaseDay) -> date | None:
    return day.on or day.not_before


def _latest(day: PhaseDay) -> date | None:
    return day.on or day.not_after
