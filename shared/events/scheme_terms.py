"""The parts of `SchemePublished`: the Recognition Scheme's terms, as its rule file has them."""

from datetime import date
from typing import Annotated

from shared.events.casework import Step
from shared.events.envelope import EventData
from shared.events.intake import Category
from shared.events.programme_terms import DecidedBy
from shared.events.rule_sets import WorkingDays
from shared.events.values import Extensible


class FirstYear(EventData):
    """A year, or the range of years in which it lies if no source gives it."""

    year: int | None = None
    not_before: int | None = None
    not_after: int | None = None
    source: str


class RequirementTerms(EventData):
    """A requirement, and whether it is asked for."""

    required: bool
    source: str


class PlaceTerms(EventData):
    """The places where a factory may be; a person decides on any other."""

    any_of: tuple[str, ...]
    source: str


class MinimumTerms(EventData):
    """A minimum number."""

    at_least: int
    source: str


class PrerequisiteTerms(EventData):
    """The prerequisites of a category from a year on; null if the category does not ask for one."""

    from_year: int
    hong_kong_owned: RequirementTerms | None = None
    factory_places: PlaceTerms | None = None
    measures_implemented: MinimumTerms | None = None
    earlier_partner_label: RequirementTerms | None = None
    factories_engaged: MinimumTerms | None = None
    factories_served: MinimumTerms | None = None


class LabelCategory(EventData):
    """A category of labels, offered since a year."""

    category: Annotated[str, Extensible(Category)]
    since: FirstYear
    prerequisites: tuple[PrerequisiteTerms, ...]


class StepTerms(EventData):
    """The steps from the prerequisites to the award, in their order."""

    in_order: tuple[Annotated[str, Extensible(Step)], ...]
    source: str


class LabelValidity(EventData):
    """The months for which a label is valid."""

    months: int
    source: str


class CertificateNumbers(EventData):
    """The pattern of certificate numbers."""

    pattern: str
    source: str


class LabelProcedure(EventData):
    """The procedure of the rounds from a year on; `processing` is the time for each step."""

    from_year: int
    steps: StepTerms
    notice: WorkingDays
    validity: LabelValidity
    certificates: CertificateNumbers
    scoring: DecidedBy | None = None
    processing: dict[str, WorkingDays]


class RoundDay(EventData):
    """A Hong Kong day of a round that a source mentions."""

    on: date
    source: str


class RoundTerms(EventData):
    """A yearly round: it accepts applications from `opens` to `closes`, both included."""

    year: int
    opens: date
    closes: date
    source: str
    committee: RoundDay | None = None
    ceremony: RoundDay | None = None
