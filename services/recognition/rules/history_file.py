"""Reads a file of labels of earlier rounds, line by line. Pure: no I/O.

The first line names the columns, in any order. Every error is reported with its line number.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, Final

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

_NUMBER_MAX: Final = 64


def _absent_if_empty(text: Any) -> Any:
    return None if text == "" else text


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
Absent = BeforeValidator(_absent_if_empty)
Day = Annotated[
    date, BeforeValidator(_year_month_day), Field(ge=date(2009, 1, 1), le=date(2199, 12, 31))
]
_EIGHT_DIGITS: Final = "^[0-9]{8}$"
RegistrationNumber = Annotated[str, StringConstraints(pattern=_EIGHT_DIGITS)]


class HistoryLine(BaseModel):
    """One label as a line of the file; an empty field is unknown."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    round_year: Year
    category: Category
    enterprise_name: OneLine
    business_registration_number: Annotated[RegistrationNumber | None, Absent] = None
    certificate_number: Annotated[
        Annotated[OneLine, Field(max_length=_NUMBER_MAX)] | None, Absent
    ] = None
    valid_from: Annotated[Day | None, Absent] = None
    valid_to: Annotated[Day | None, Absent] = None
    source: Annotated[OneLine | None, Absent] = None

    @model_validator(mode="after")
    def _has_days_in_order(self) -> "HistoryLine":
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            msg = "valid_to is before valid_from"
            raise ValueError(msg)
        return self


_PATTERNS: Final = {ONE_LINE: _ONE_LINE, _EIGHT_DIGITS: "write its eight digits"}
COLUMNS: Final = tuple(HistoryLine.model_fields)
_REQUIRED: Final = tuple(
    name for name, each in HistoryLine.model_fields.items() if each.is_required()
)


@dataclass(slots=True)
class HistoryFile:
    """The content of a file: its labels by line number, and its errors.

    A label that several lines repeat is there once; `repeated` names the first line of each repeat.
    """

    labels: dict[int, HistoricalLabel] = field(default_factory=dict)
    repeated: dict[int, int] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)


def read_history(lines: Iterable[str]) -> HistoryFile:
    """Read all lines; never raises for their content."""
    found = HistoryFile()
    reader = csv.reader(lines, strict=True)
    try:
        columns = [each.strip().removeprefix("\ufeff") for each in next(reader, [])]
        found.errors += _wrong_columns(columns)
        if not found.errors:
            for values in reader:
                _read_line(reader.line_num, columns, values, found)
    except csv.Error as error:
        found.errors.append(f"line {reader.line_num}: {error}")
    _compare_lines(found)
    return found


def _wrong_columns(columns: list[str]) -> Iterator[str]:
    for name in _REQUIRED:
        if name not in columns:
            yield f"line 1: no column {name}; the columns are {', '.join(COLUMNS)}"
    for name in columns:
        if name not in COLUMNS:
            yield f"line 1: unknown column {name!r}; the columns are {', '.join(COLUMNS)}"
        elif columns.count(name) > 1:
            yield f"line 1: column {name} is there more than once"


def _read_line(number: int, columns: list[str], values: list[str], found: HistoryFile) -> None:
    if not any(each.strip() for each in values):
        return
    if len(values) != len(columns):
        found.errors.append(f"line {number}: {len(values)} fields instead of {len(columns)}")
        return
    stripped = [each.strip() for each in values]
    try:
        line = HistoryLine.model_validate(dict(zip(columns, stripped, strict=True)))
    except ValidationError as error:
        found.errors.append(f"line {number}: {_complaints(error)}")
    else:
        found.labels[number] = HistoricalLabel(**line.model_dump())


def _complaints(error: ValidationError) -> str:
    details = error.errors(include_url=False, include_input=False)
    return "; ".join(
        f"{each['loc'][0]}: {_rule(each)}" if each["loc"] else _rule(each) for each in details
    )


def _rule(detail: ErrorDetails) -> str:
    """Return the rule in words instead of a pattern."""
    limits = detail.get("ctx", {})
    if detail["type"] in {"too_long", "string_too_long"}:
        return f"write at most {limits['max_length']} characters"
    return _PATTERNS.get(limits.get("pattern", ""), detail["msg"])


def _compare_lines(found: HistoryFile) -> None:
    """Set repeats aside; report lines that contradict an earlier one."""
    first_line: dict[str, int] = {}
    for number, label in list(found.labels.items()):
        first = first_line.setdefault(label.id, number)
        if first == number and label.claim:
            first = first_line.setdefault(label.claim, number)
        if first == number:
            continue
        if found.labels[first] == label:
            found.repeated[number] = first
            del found.labels[number]
        else:
            found.errors.append(
                f"line {number}: {_contradiction(label, found.labels[first], first)}"
            )


def _contradiction(label: HistoricalLabel, earlier: HistoricalLabel, first: int) -> str:
    if label.id == earlier.id:
        return f"must have the same data as line {first}, which is the same label: correct one."
    return (
        f"must not be a second label of its kind for the enterprise and the round of line {first}: "
        "correct one of them, or leave one out."
    )
