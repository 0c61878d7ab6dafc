"""The parts of `ProgrammePublished`: the terms of the Programme, as its rule file has them.

Amounts are whole Hong Kong cents, shares per cent of the eligible cost.
"""

from datetime import date
from typing import Annotated

from shared.events.envelope import EventData
from shared.events.intake import FundingStream
from shared.events.rule_sets import WorkingDays
from shared.events.values import Extensible


class PhaseDay(EventData):
    """A Hong Kong day: `on`, or the range in which it lies if no source gives it."""

    on: date | None = None
    not_before: date | None = None
    not_after: date | None = None
    source: str


class VisitTerms(EventData):
    """How often an installation is opened to other companies."""

    at_least: int
    source: str


class PaymentTerms(EventData):
    """The shares of the grant, in per cent, by the stage at which they are paid."""

    percent: dict[str, int]
    source: str


class StreamTerms(EventData):
    """What a stream gives in one phase.

    `local_technology_ceiling_cents` holds for technology that is developed in Hong Kong, or jointly
    with Guangdong. Without `technology_list` the applicant's own claim counts, and without
    `payment` that of the procedure.
    """

    stream: Annotated[str, Extensible(FundingStream)]
    share_percent: int | None = None
    ceiling_cents: int | None = None
    local_technology_ceiling_cents: int | None = None
    months_at_most: int | None = None
    visits: VisitTerms | None = None
    technology_list: tuple[str, ...] | None = None
    payment: PaymentTerms | None = None
    source: str


class PhaseTerms(EventData):
    """A phase: it accepts applications from one day to the other, both included."""

    name: str
    opens: PhaseDay
    closes: PhaseDay
    streams: tuple[StreamTerms, ...]


class ShareholdingTerms(EventData):
    """Ground 1d: more than the one share, and at least the other, held by the same resident."""

    mainland_above_percent: int
    hong_kong_from_percent: int
    source: str


class WorkshopTerms(EventData):
    """Ground 3: the streams for which a workshop may apply, in phases that opened since a day."""

    streams: tuple[Annotated[str, Extensible(FundingStream)], ...]
    since: date
    source: str


class AnniversaryTerms(EventData):
    """What must wait until the years are over: `application` or `new-work`."""

    binds: str
    source: str


class RepeatTerms(EventData):
    """The years after completion before the same factory may be assessed again."""

    years: int
    source: str
    anniversary: AnniversaryTerms


class OpenCaseLimit(EventData):
    """How many cases of one factory in one stream may be open at a time."""

    at_most: int
    source: str


class QuotationLimit(EventData):
    """How many quotations a project up to a cost needs."""

    up_to_cents: int
    number: int
    source: str


class ApplicationLimits(EventData):
    """Limits on applications; a project above the last cost of `quotations` needs none."""

    open_cases_per_factory_and_stream: OpenCaseLimit
    quotations: tuple[QuotationLimit, ...] = ()


class ProcessingTerms(EventData):
    """The time for a ruling and for the agreement; null if no day is announced."""

    ruling: WorkingDays | None = None
    agreement: WorkingDays | None = None


class ReviewTerms(EventData):
    """Whether a refused applicant may request a review, and within which time."""

    offered: bool
    within: WorkingDays | None = None
    source: str


class ProjectClockTerms(EventData):
    """What starts the time limit of a project: `approval` or `agreement`."""

    starts_with: str
    source: str


class DecidedBy(EventData):
    """Who decides what the rules leave open."""

    decided_by: str
    source: str


class FundingProcedure(EventData):
    """The procedure for applications received since a day, until the next entry."""

    since: date
    processing: ProcessingTerms
    review: ReviewTerms
    project_clock: ProjectClockTerms
    payment: PaymentTerms
    scoring: DecidedBy
