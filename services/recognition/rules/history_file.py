"""Reads a file of labels of earlier rounds, line by line. Pure: no I/O.

The first line names the columns, in any order. Every error is reported with its line number.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails

from services.recognition.rules.dated import Year
from services.recognition.rules.labels import HistoricalLabel
from shared.events.intake import Category
from shared.events.values import ONE_LINE, Line
from shared.files.form import UnusableFileError
from shared.files.table import Columns, Row, read_rows

_NUMBER_MAX: Final = 64


def _year_month_day(text: str) -> str:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        msg = "write the day as 2018-12-07"
        raise ValueError(msg)
    return text


def _without_letter_mark(text: str) -> str:
    if "\u061c" in text:  # the one mark that the pattern of `Line` does not cover
        raise ValueError(_ONE_LINE)
    return text


_ONE_LINE: Final = (
    "write it on one line, without control characters or marks that turn the direction of text"
)
_NoMark: Final = AfterValidator(_without_letter_mark)
OneLine = Annotated[Line, _NoMark]
_OneNumber: Final = StringConstraints(min_length=1, max_length=_NUMBER_MAX, pattern=ONE_LINE)
CertificateNumber = Annotated[str, _OneNumber, _NoMark]
Day = Annotated[
    date, BeforeValidator(_year_month_day), Field(ge=date(2009, 1, 1), le=date(2199, 12, 31))
]
_EIGHT_DIGITS: Final = "^[0-9]{8}$"
RegistrationNumber = Annotated[str, StringConstraints(pattern=_EIGHT_DIGITS)]


class HistoryLine(BaseModel):
    """One label as a row of the file; what has no cell is unknown."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    round_year: Year
    category: Category
    enterprise_name: OneLine
    business_registration_number: RegistrationNumber | None = None
    certificate_number: CertificateNumber | None = None
    valid_from: Day | None = None
    valid_to: Day | None = None
    source: OneLine | None = None

    @model_validator(mode="after")
    def _has_days_in_order(self) -> "HistoryLine":
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            msg = "valid_to is before valid_from"
            raise ValueError(msg)
        return self


_PATTERNS: Final = {ONE_LINE: _ONE_LINE, _EIGHT_DIGITS: "write its eight digits"}
_TABLE: Final = Columns(
    known=tuple(HistoryLine.model_fields),
    required=[name for name, each in HistoryLine.model_fields.items() if each.is_required()],
)


@dataclass(slots=True)
class HistoryFile:
    """The content of a file: its labels by line number, and its errors."""

    labels: dict[int, HistoricalLabel] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)


def read_history(lines: Iterable[str]) -> HistoryFile:
    """Read all lines; never raises for their content."""
    found = HistoryFile()
    try:
        for row in read_rows(lines, _TABLE):
            _read_row(row, found)
    except UnusableFileError as error:
        found.errors.append(str(error))
    found.errors += _repeated(found.labels)
    return found


def _read_row(row: Row, found: HistoryFile) -> None:
    if row.surplus:
        found.errors.append(f"line {row.number}: Must not have more cells than columns.")
        return
    try:
        line = HistoryLine.model_validate(row.cells)
    except ValidationError as error:
        found.errors.append(f"line {row.number}: {_complaints(error)}")
    else:
        found.labels[row.number] = HistoricalLabel(**line.model_dump())


def _complaints(error: ValidationError) -> str:
    details = error.errors(include_url=False, include_input=False)
    return "; ".join(
        f"{each['loc'][0]}: {_rule(each)}" if each["loc"] else _rule(each) for each in details
    )


def _rule(detail: ErrorDetails) -> str:
    """Return the rule in words instead of a pattern."""
    limits = detail.get("ctx", {})
    if detail["type"] == "missing":
        return "Must not be empty."
    if detail["type"] in {"too_long", "string_too_long"}:
        return f"write at most {limits['max_length']} characters"
    return _PATTERNS.get(limits.get("pattern", ""), detail["msg"])


def _repeated(labels: dict[int, HistoricalLabel]) -> Iterator[str]:
    first_line: dict[str, int] = {}
    for number, label in labels.items():
        first = first_line.setdefault(label.id, number)
        if first != number and labels[first] != label:
            yield f"line {number}: the same label as line {first}, with other data"
