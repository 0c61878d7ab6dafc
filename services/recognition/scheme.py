"""The scheme's terms as data: categories with their prerequisites, and the yearly rounds.

Read from `scheme.toml` beside this module, or from the file that the deployment names.
"""

import tomllib
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Final, Literal, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, model_validator

from shared.events.intake import Category

_SHIPPED: Final = Path(__file__).with_name("scheme.toml")

Year = Annotated[int, Field(ge=2009, le=2100)]


class Entry(BaseModel):
    """Base of the file's entries; a misspelt name is an error, never a default."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Since(Entry):
    """A first year, or where no source gives it, the years between which it lies."""

    year: Year | None = None
    not_before: Year | None = None
    not_after: Year | None = None
    source: str

    @model_validator(mode="after")
    def _is_a_year_or_a_range(self) -> "Since":
        bounds = [each for each in (self.not_before, self.not_after) if each is not None]
        if len(bounds) != (0 if self.year else 2) or bounds != sorted(bounds):
            msg = "give either `year`, or both `not_before` and a `not_after` that is no earlier"
            raise ValueError(msg)
        return self

    def is_past(self, year: int) -> bool:
        """Tell whether it has begun by that year for certain."""
        return (self.year or self.not_after or date.max.year) <= year

    def may_be_past(self, year: int) -> bool:
        """Tell whether it has begun by that year as far as its bounds are known."""
        return (self.year or self.not_before or date.min.year) <= year


class Requirement(Entry):
    """Something that a candidate has to have, or need not."""

    required: bool
    source: str


class Minimum(Entry):
    """The least number of something that a candidate has to have."""

    at_least: NonNegativeInt
    source: str


class Places(Entry):
    """Where a factory may be; any other place is for an officer to rule on."""

    any_of: frozenset[Literal["guangdong", "hong-kong", "elsewhere"]]
    source: str


class Dated(Entry):
    """Terms of a category from some year on, until the next entry."""

    from_year: Year


class ManufacturingPrerequisites(Dated):
    """What is asked of a manufacturer."""

    hong_kong_owned: Requirement
    factory_places: Places
    measures_implemented: Minimum
    earlier_partner_label: Requirement


class SupplyChainPrerequisites(Dated):
    """What is asked of a sourcing enterprise."""

    factories_engaged: Minimum


class TechnologyServicePrerequisites(Dated):
    """What is asked of an environmental technology service provider."""

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
DatedT = TypeVar("DatedT", bound=Dated)


def in_force(entries: Sequence[DatedT], year: int) -> DatedT | None:
    """Find the entry with the latest beginning up to that year."""
    begun = [each for each in entries if each.from_year <= year]
    return max(begun, key=lambda each: each.from_year, default=None)


class Round(Entry):
    """A yearly round: applications count from the first to the last of its Hong Kong days."""

    year: Year
    opens: date
    closes: date
    source: str

    @model_validator(mode="after")
    def _closes_after_it_opens(self) -> "Round":
        if self.closes < self.opens:
            msg = f"round {self.year} closes before it opens"
            raise ValueError(msg)
        return self

    def is_open(self, day: date) -> bool:
        """Tell whether the round takes applications that day."""
        return self.opens <= day <= self.closes


class Scheme(Entry):
    """All categories and rounds, with the version that every decision carries."""

    version: str
    categories: tuple[CategoryTerms, ...]
    rounds: tuple[Round, ...]

    @model_validator(mode="after")
    def _has_each_category_once(self) -> "Scheme":
        if sorted(each.category for each in self.categories) != sorted(get_args(Category)):
            msg = f"give each category once: {', '.join(get_args(Category))}"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _has_at_most_one_round_open(self) -> "Scheme":
        for earlier, later in pairwise(sorted(self.rounds, key=lambda each: each.opens)):
            if later.opens <= earlier.closes or later.year <= earlier.year:
                msg = f"rounds {earlier.year} and {later.year} overlap, or their years are mixed up"
                raise ValueError(msg)
        return self

    def round_on(self, day: date) -> Round | None:
        """Find the round that is open that day."""
        return next((each for each in self.rounds if each.is_open(day)), None)

    def terms(self, category: Category) -> CategoryTerms:
        """Find a category's terms; every category has them."""
        return next(each for each in self.categories if each.category == category)


def load_scheme(file: Path | None = None) -> Scheme:
    """Read and check a scheme file; errors name the entry and what is wrong with it."""
    return Scheme.model_validate(
        tomllib.loads((file or _SHIPPED).read_text(encoding="utf-8")), strict=False
    )
