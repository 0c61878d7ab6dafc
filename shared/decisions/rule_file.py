"""The parts that rule files have in common: TOML files that a deployment may replace."""

import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.calendars import Calendar, YearNotCoveredError, deadline
from shared.errors import SetupError
from shared.events.values import Line
from shared.validation import broken_rule


class Entry(BaseModel):
    """The base of a file's entries; a misspelt name is an error, never a default."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    @classmethod
    def load(cls, file: Path) -> Self:
        """Read and check a file.

        Raises `SetupError` with a line for each broken rule, which names file and entry.
        """
        try:
            content = tomllib.loads(file.read_text(encoding="utf-8-sig"))
            return cls.model_validate(content, strict=False)
        except ValidationError as error:
            raise SetupError("\n".join(_complaints(file, error))) from error
        except OSError as error:
            msg = f"{file}: Must be a file that can be read: {error.strerror}."
            raise SetupError(msg) from error
        except ValueError as error:  # no TOML, or no UTF-8
            msg = f"{file}: Must be TOML in UTF-8: {error}."
            raise SetupError(msg) from error


def _complaints(file: Path, error: ValidationError) -> Iterator[str]:
    for each in error.errors(include_url=False, include_input=False):
        entry = ".".join(map(str, each["loc"])) or "the whole file"
        yield f"{file}: {entry}: {broken_rule(each)}"


class Rules(Entry):
    """The base of a whole rule file: its version identifies the terms that it states."""

    version: Line


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
