"""The scheme's terms as data: categories with prerequisites, the procedure, the yearly rounds.

Read from `scheme.toml` beside this module, or from the file that the deployment names.
"""

from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Final, Literal, get_args

from pydantic import Field, NonNegativeInt, model_validator

from services.recognition.rules.dated import Dated, Since, Year, in_force
from services.recognition.rules.procedure import Procedure
from shared.decisions.rule_file import Entry, Rules
from shared.events.intake import Category

_SHIPPED: Final = Path(__file__).with_name("scheme.toml")


class Requirement(Entry):
    """A requirement that may be switched off."""

    required: bool
    source: str


class Minimum(Entry):
    """A minimum number."""

    at_least: NonNegativeInt
    source: str


class Places(Entry):
    """The places where a factory may be; an officer decides on any other place."""

    any_of: frozenset[Literal["guangdong", "hong-kong", "elsewhere"]]
    source: str


class ManufacturingPrerequisites(Dated):
    """The prerequisites of a manufacturer."""

    hong_kong_owned: Requirement
    factory_places: Places
    measures_implemented: Minimum
    earlier_partner_label: Requirement


class SupplyChainPrerequisites(Dated):
    """The prerequisites of a sourcing enterprise."""

    factories_engaged: Minimum


class TechnologyServicePrerequisites(Dated):
    """The prerequisites of an environmental technology service provider."""

    factories_served: Minimum


class Manufacturing(Entry):
    """A category for manufacturers."""

    category: Literal["partner-manufacturing", "excellent-partner-manufacturing"]
    since: Since
    prerequisites: tuple[ManufacturingPrerequisites, ...]


class SupplyChain(Entry):
    """The category for sourcing enterprises."""

    category: Literal["partner-supply-chain"]
    since: Since
    prerequisites: tuple[SupplyChainPrerequisites, ...]


class TechnologyService(Entry):
    """The category for environmental technology service providers."""

    category: Literal["partner-technology-service"]
    since: Since
    prerequisites: tuple[TechnologyServicePrerequisites, ...]


CategoryTerms = Annotated[
    Manufacturing | SupplyChain | TechnologyService, Field(discriminator="category")
]


class Occasion(Entry):
    """A day of a round that a source mentions."""

    on: date
    source: str


class Round(Entry):
    """A yearly round: applications count from the first to the last of its Hong Kong days.

    The committee's meeting and the ceremony are recorded if sources mention them; the ceremony may
    fall in the next calendar year.
    """

    year: Year
    opens: date
    closes: date
    source: str
    committee: Occasion | None = None
    ceremony: Occasion | None = None

    @model_validator(mode="after")
    def _closes_after_it_opens(self) -> "Round":
        if self.closes < self.opens:
            msg = f"Must open before it closes: round {self.year}."
            raise ValueError(msg)
        return self

    def is_open(self, day: date) -> bool:
        """Return whether the round accepts applications on a day."""
        return self.opens <= day <= self.closes


class Scheme(Rules):
    """All categories, procedures and rounds, with the version that every decision carries."""

    categories: tuple[CategoryTerms, ...]
    procedures: tuple[Procedure, ...]
    rounds: tuple[Round, ...]

    @model_validator(mode="after")
    def _has_each_category_once(self) -> "Scheme":
        if sorted(each.category for each in self.categories) != sorted(get_args(Category)):
            msg = f"Must have each category once: {', '.join(get_args(Category))}"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _has_at_most_one_round_open(self) -> "Scheme":
        for earlier, later in pairwise(sorted(self.rounds, key=lambda each: each.opens)):
            if later.opens <= earlier.closes or later.year <= earlier.year:
                msg = f"Must have rounds in order, one after another: {earlier.year}, {later.year}."
                raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _has_a_procedure_for_every_round(self) -> "Scheme":
        for each in self.rounds:
            if in_force(self.procedures, each.year) is None:
                msg = f"Must have a procedure from {each.year} or earlier on, for its round."
                raise ValueError(msg)
        return self

    def round_on(self, day: date) -> Round | None:
        """Return the round that is open on a day."""
        return next((each for each in self.rounds if each.is_open(day)), None)

    def procedure(self, year: int) -> Procedure:
        """Return the procedure of a round; earlier rounds use the first procedure, too."""
        first = min(self.procedures, key=lambda each: each.from_year)
        return in_force(self.procedures, year) or first

    def terms(self, category: Category) -> CategoryTerms:
        """Return a category's terms; every category has them."""
        return next(each for each in self.categories if each.category == category)


def load_scheme(file: Path | None = None) -> Scheme:
    """Read and check a scheme file; raises `SetupError`, see `Entry.load`."""
    return Scheme.load(file or _SHIPPED)
