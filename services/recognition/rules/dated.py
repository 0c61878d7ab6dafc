"""What entries of the scheme's file have in common: strict, with sources, dated by year."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

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


class Dated(Entry):
    """Terms from some year on, until the next entry."""

    from_year: Year


DatedT = TypeVar("DatedT", bound=Dated)


def in_force(entries: Sequence[DatedT], year: int) -> DatedT | None:
    """Find the entry with the latest beginning up to that year."""
    begun = [each for each in entries if each.from_year <= year]
    return max(begun, key=lambda each: each.from_year, default=None)
