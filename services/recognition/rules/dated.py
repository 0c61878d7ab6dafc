"""Entries of the scheme's file that are dated by year."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, TypeVar

from pydantic import Field, model_validator

from shared.decisions.rule_file import Entry

Year = Annotated[int, Field(ge=2009, le=2100)]


class Since(Entry):
    """A first year, or the range of years in which it lies if no source gives it."""

    year: Year | None = None
    not_before: Year | None = None
    not_after: Year | None = None
    source: str

    @model_validator(mode="after")
    def _is_a_year_or_a_range(self) -> "Since":
        bounds = [each for each in (self.not_before, self.not_after) if each is not None]
        if len(bounds) != (0 if self.year else 2) or bounds != sorted(bounds):
            msg = "Must have either `year`, or both `not_before` and a later or equal `not_after`."
            raise ValueError(msg)
        return self

    def is_past(self, year: int) -> bool:
        """Return whether it has certainly started by a year."""
        return (self.year or self.not_after or date.max.year) <= year

    def may_be_past(self, year: int) -> bool:
        """Return whether it may have started by a year, given what is known of its bounds."""
        return (self.year or self.not_before or date.min.year) <= year


class Dated(Entry):
    """Terms from some year on, until the next entry."""

    from_year: Year


DatedT = TypeVar("DatedT", bound=Dated)


def in_force(entries: Sequence[DatedT], year: int) -> DatedT | None:
    """Return the entry that began last, up to a year."""
    started = [each for each in entries if each.from_year <= year]
    return max(started, key=lambda each: each.from_year, default=None)
