"""The Programme's terms as data: phases, their windows and what each stream gives.

Read from `programme.toml` beside this module, or from the file that the deployment names.
"""

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Final, Literal, NamedTuple

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from services.eligibility.rules.procedure import Payment, Procedure
from shared.decisions.rule_file import Entry, Rules
from shared.events.intake import FundingStream, Technology

_SHIPPED: Final = Path(__file__).with_name("programme.toml")


class Bound(Entry):
    """A day, or the range of days in which it lies if no source gives it."""

    on: date | None = None
    not_before: date | None = None
    not_after: date | None = None
    source: str

    @model_validator(mode="after")
    def _is_a_day_or_a_range(self) -> "Bound":
        given = (self.on is not None, self.not_before is not None, self.not_after is not None)
        if given not in {(True, False, False), (False, True, True)}:
            msg = "Must have either `on` alone, or both `not_before` and `not_after`."
            raise ValueError(msg)
        if self.earliest > self.latest:
            msg = "Must not have `not_before` after `not_after`."
            raise ValueError(msg)
        return self

    @property
    def earliest(self) -> date:
        """The earliest possible day."""
        return self.on or self.not_before or date.min

    @property
    def latest(self) -> date:
        """The latest possible day."""
        return self.on or self.not_after or date.max


class Visits(Entry):
    """How often the installation is opened to other companies, so that the technology is shared."""

    at_least: NonNegativeInt
    source: str


class Terms(Entry):
    """The terms of one stream in one phase; an amount that no source gives is `None`."""

    stream: FundingStream
    share_percent: Annotated[int, Field(gt=0, le=100)] | None = None
    ceiling_cents: PositiveInt | None = None
    local_technology_ceiling_cents: PositiveInt | None = None
    months_at_most: PositiveInt | None = None
    visits: Visits | None = None
    technology_list: tuple[str, ...] | None = None
    payment: Payment | None = None
    source: str

    def lists(self, technology: Technology) -> bool:
        """Return whether a technology is listed; without a list the applicant's claim counts."""
        if self.technology_list is None:
            return technology.on_technology_list
        return technology.name in self.technology_list


class Phase(Entry):
    """A funded term of the Programme."""

    name: str
    opens: Bound
    closes: Bound
    streams: tuple[Terms, ...]

    def is_open(self, day: date) -> bool:
        """Return whether the phase is certainly open on a day."""
        return self.opens.latest <= day <= self.closes.earliest

    def may_be_open(self, day: date) -> bool:
        """Return whether the phase may be open on a day, given what is known of its bounds."""
        return self.opens.earliest <= day <= self.closes.latest

    def terms(self, stream: FundingStream) -> Terms | None:
        """Return the terms of a stream, or `None` if the phase does not have it."""
        return next((each for each in self.streams if each.stream == stream), None)


class Shareholding(Entry):
    """Ground 1d: more than the one share, and at least the other, by the same resident."""

    mainland_above_percent: Annotated[int, Field(ge=0, le=100)]
    hong_kong_from_percent: Annotated[int, Field(ge=0, le=100)]
    source: str


class Workshops(Entry):
    """Ground 3: what a workshop may apply for, in phases that opened since a day."""

    streams: frozenset[FundingStream]
    since: date
    source: str

    def admitted_in(self, phase: Phase) -> bool:
        """Return whether workshops could apply in a phase."""
        return phase.opens.latest >= self.since


class Anniversary(Entry):
    """What must wait until the years are over: the application, or the start of the new work."""

    binds: Literal["application", "new-work"]
    source: str


class Repeat(Entry):
    """How long after completion the same factory may be assessed again."""

    years: PositiveInt
    source: str
    anniversary: Anniversary


class QuotationLimit(Entry):
    """How many quotations a project up to a cost needs."""

    up_to_cents: PositiveInt
    number: PositiveInt
    source: str


class OpenCases(Entry):
    """How many cases of one factory in one stream may be open at a time."""

    at_most: PositiveInt
    source: str


class ProgrammeLimits(Entry):
    """Limits that are operators' settings because the sources do not state them."""

    open_cases_per_factory_and_stream: OpenCases
    quotations: tuple[QuotationLimit, ...] = ()

    def quotations_needed(self, cost_cents: int) -> int:
        """Return the number of quotations for a cost; there is none above the last limit."""
        for each in self.quotations:
            if cost_cents <= each.up_to_cents:
                return each.number
        return 0


class Day(NamedTuple):
    """The phase and terms that are certain for a day of receipt, or whether a phase may be open.

    `phases` are those that were considered.
    """

    phase: Phase | None
    terms: Mapping[FundingStream, Terms]
    is_uncertain: bool
    phases: tuple[Phase, ...]


class Programme(Rules):
    """All phases, with the version that every decision carries."""

    shareholding: Shareholding
    workshops: Workshops
    repeat: Repeat
    limits: ProgrammeLimits
    procedures: Annotated[tuple[Procedure, ...], Field(min_length=1)]
    phases: tuple[Phase, ...]

    @model_validator(mode="after")
    def _has_at_most_one_phase_a_day(self) -> "Programme":
        in_order = sorted(self.phases, key=lambda phase: phase.opens.earliest)
        for earlier, later in pairwise(in_order):
            if earlier.closes.latest >= later.opens.earliest:
                msg = f"Must not have phases {earlier.name} and {later.name} open on the same day."
                raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _has_procedures_in_order(self) -> "Programme":
        for earlier, later in pairwise(self.procedures):
            if earlier.since >= later.since:
                msg = f"Must have procedures in the order of `since`: {later.since} comes too late."
                raise ValueError(msg)
        return self

    def terms_of(self, phase: str | None, stream: FundingStream) -> Terms | None:
        """Return the terms of a stream in a phase."""
        found = next((each for each in self.phases if each.name == phase), None)
        return found.terms(stream) if found else None

    def procedure_on(self, day: date) -> Procedure:
        """Return the procedure for cases received on a day; before all entries, the first one."""
        started = (each for each in reversed(self.procedures) if each.since <= day)
        return next(started, self.procedures[0])

    @cached_property
    def days(self) -> dict[date, Day]:
        """A cache by day: many applications are received on one day."""
        return {}

    def on(self, day: date) -> Day:
        """Return the phase and terms for applications received on a day."""
        known = self.days.get(day)
        # A changed copy of the programme shares this cache.
        if known is None or known.phases is not self.phases:
            known = self.days[day] = self._find_day(day)
        return known

    def _find_day(self, day: date) -> Day:
        phase = next((phase for phase in self.phases if phase.is_open(day)), None)
        terms = {each.stream: each for each in reversed(phase.streams)} if phase else {}
        is_uncertain = any(each.may_be_open(day) and not each.is_open(day) for each in self.phases)
        return Day(phase, terms, is_uncertain, self.phases)


def load_programme(file: Path | None = None) -> Programme:
    """Read and check a programme file; raises `SetupError`, see `Entry.load`."""
    return Programme.load(file or _SHIPPED)
