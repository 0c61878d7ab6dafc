"""The parts that rule files have in common: TOML files that a deployment may replace."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from shared.calendars import Calendar, YearNotCoveredError, deadline


class Entry(BaseModel):
    """The base of a file's entries; a misspelt name is an error, never a default."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    @classmethod
    def load(cls, file: Path) -> Self:
        """Read and check a file; errors name the entry and what is wrong with it."""
        return cls.model_validate(tomllib.loads(file.read_text(encoding="utf-8-sig")), strict=False)


class Period(Entry):
    """A number of working days, and the calendar that counts them."""

    working_days: Annotated[int, Field(ge=1, le=250)]
    calendar: Calendar
    source: str

    def last_day(self, start: date) -> date | None:
        """Return the last of the days after `start`, or `None` if the calendar has no data."""
        try:
            return deadline(start, self.working_days, self.calendar).day
        except YearNotCoveredError:
            return None
