"""The status of a candidacy after its prerequisites. Pure: no I/O, no clock.

Everything follows from the set of known facts, so their order of arrival never matters.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final, Literal

from services.recognition.rules.procedure import Procedure
from shared.calendars import Calendar
from shared.clock import hong_kong_date, months_after
from shared.decisions.rule_file import Period
from shared.events.casework import CaseRuled, Step
from shared.events.intake import Category
from shared.events.recognition import Outcome

State = Literal[
    "withdrawn",
    "not-qualified",
    "refused",
    "referred",
    "steps-missing",
    "objection-unresolved",
    "notice-running",
    "notice-end-not-known",
    "label-claimed",
    "to-be-awarded",
    "awarded",
    "expired",
]

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One version of an application for a label: the enterprise and the category."""

    application_id: str
    version: int
    category: Category
    enterprise_name: str
    business_registration_number: str


@dataclass(frozen=True, slots=True)
class Award:
    """A label that was awarded on a version; it is valid on its first and last day, too."""

    version: int
    certificate_number: str
    valid_from: date
    valid_to: date
    claim: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A candidacy: its latest version, with the decision and the rulings on it.

    `rulings` may be on any version and in any order; only those on the latest version count.
    `objections` are all that were received, on whatever version. `label_claimed` if another
    application or label has the claim to the label.
    """

    candidate: Candidate
    outcome: Outcome
    round_year: int | None
    rulings: tuple[CaseRuled, ...] = ()
    withdrawn: bool = False
    award: Award | None = None
    label_claimed: bool = False
    objections: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Notice:
    """The public notice for objections; `ends_on` is null if the calendar has no data yet."""

    begins_on: date | None
    ends_on: date | None
    calendar: Calendar


@dataclass(frozen=True, slots=True)
class CandidacyStatus:
    """The status of a candidacy on a day.

    `passed` and `missing` are its steps in the scheme's order; `refusals` have closed it.
    `objections` are those that nobody has ruled on; `dismissals` are the rulings that settled one.
    """

    state: State
    passed: tuple[CaseRuled, ...] = ()
    missing: tuple[Step, ...] = ()
    refusals: tuple[CaseRuled, ...] = ()
    notice: Notice | None = None
    objections: tuple[str, ...] = ()
    dismissals: tuple[CaseRuled, ...] = ()


def candidacy_status(case: Case, procedure: Procedure, today: date) -> CandidacyStatus:
    """Return the status of a candidacy on a Hong Kong day, whatever the order of its rulings."""
    rulings = [each for each in case.rulings if each.version == case.candidate.version]
    rulings.sort(key=lambda each: (each.ruled_at, each.ruling_id))
    approved = [each for each in rulings if each.ruling == "approved" and not each.objection_id]
    order = procedure.steps.in_order
    passed = tuple(first for step in order if (first := _first_on(step, approved)))
    known = {each.step for each in passed}
    status = CandidacyStatus(
        state="to-be-awarded",
        passed=passed,
        missing=tuple(step for step in order if step not in known),
        refusals=tuple(each for each in rulings if each.ruling == "refused"),
        notice=_notice(approved, procedure.notice),
        objections=_unresolved(case),
        dismissals=_dismissals(case),
    )
    return replace(status, state=_state(case, status, order[0], today))


def _unresolved(case: Case) -> tuple[str, ...]:
    """Return the objections that no ruling names, on whatever version."""
    return tuple(sorted(case.objections - {each.objection_id for each in case.rulings}))


def _dismissals(case: Case) -> tuple[CaseRuled, ...]:
    """Return the first ruling that settled each objection, on whatever version."""
    first: dict[str, CaseRuled] = {}
    for each in sorted(case.rulings, key=lambda each: (each.ruled_at, each.ruling_id)):
        if each.objection_id in case.objections and each.ruling == "approved":
            first.setdefault(each.objection_id, each)
    return tuple(first.values())


def is_closed(case: Case) -> bool:
    """Return whether a case without a label has ended: withdrawn, or refused as it stands now."""
    return (
        case.withdrawn
        or case.outcome == "not-qualified"
        or case.round_year is None
        or any(
            each.ruling == "refused" and each.version == case.candidate.version
            for each in case.rulings
        )
    )


def _first_on(step: Step, approved: Sequence[CaseRuled]) -> CaseRuled | None:
    return next((each for each in approved if each.step == step), None)


def _state(case: Case, status: CandidacyStatus, first: Step, today: date) -> State:
    """Return the state: final states first, then refusals, then missing steps."""
    if case.award:
        return "expired" if case.award.valid_to < today else "awarded"
    if case.withdrawn:
        return "withdrawn"
    if case.outcome == "not-qualified" or case.round_year is None:
        return "not-qualified"
    if status.refusals:
        return "refused"
    return _open_state(case, status, first, today)


def _open_state(case: Case, status: CandidacyStatus, first: Step, today: date) -> State:
    if case.outcome == "referred" and first in status.missing:
        return "referred"
    if status.missing or status.notice is None:
        return "steps-missing"
    if status.objections:
        return "objection-unresolved"
    if status.notice.ends_on is None:
        return "notice-end-not-known"
    if today <= status.notice.ends_on:
        return "notice-running"
    return "label-claimed" if case.label_claimed else "to-be-awarded"


def _notice(approved: Sequence[CaseRuled], period: Period) -> Notice | None:
    """Return the notice with the latest end; none is shorter than the procedure requires.

    Its first day counts. A ruling without days counts from the day on which it was made, if there
    is no other.
    """
    given = [each for each in approved if each.step == "notice-period"]
    dated = [each for each in given if each.notice_from or each.notice_to]
    if not given:
        return None
    if not dated:
        begins_on = hong_kong_date(given[0].ruled_at)
        return Notice(begins_on, period.last_day(begins_on - _DAY), period.calendar)
    ends = [_end(each, period) for each in dated]
    known = [each for each in ends if each]
    started = [each.notice_from for each in dated if each.notice_from]
    ends_on = max(known) if len(known) == len(ends) else None
    return Notice(min(started, default=None), ends_on, period.calendar)


def _end(ruling: CaseRuled, period: Period) -> date | None:
    """Return the end of one notice; the officer's date counts if the calendar has no data."""
    minimum = ruling.notice_from and period.last_day(ruling.notice_from - _DAY)
    ends = [each for each in (minimum, ruling.notice_to) if each]
    return max(ends, default=None)


def steps_passed_in_order(status: CandidacyStatus, procedure: Procedure) -> Iterator[CaseRuled]:
    """Yield the rulings on the passed steps before the first missing one.

    So each step is announced after the steps before it, whatever the order of arrival.
    """
    by_step = {each.step: each for each in status.passed}
    for step in procedure.steps.in_order:
        if step not in by_step:
            return
        yield by_step[step]


def validity(status: CandidacyStatus, procedure: Procedure) -> tuple[date, date]:
    """Return the first and last day of a label that is to be awarded.

    It is valid from the day on which everything was fulfilled: notice and last ruling, be it on a
    step or on an objection.
    """
    if status.notice is None or status.notice.ends_on is None or status.missing:
        msg = "a label that misses a step has no validity"
        raise ValueError(msg)
    last = (*status.passed, *status.dismissals)
    rulings = [hong_kong_date(each.ruled_at) for each in last]
    first = max(status.notice.ends_on + _DAY, *rulings)
    return first, months_after(first, procedure.validity.months) - _DAY
