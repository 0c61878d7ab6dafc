"""Reads a file of labels of earlier rounds, line by line. Pure: no I/O.

The first line names the columns, in any order. Every error is reported with its line number.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails

from services.recognition.rules.dated import Year
from services.recognition.rules.labels import HistoricalLabel
from shared.events.doors import Day, Digits
from shared.events.intake import Category
from shared.events.values import ONE_VISIBLE_LINE
from shared.files.form import UnusableFileError
from shared.files.table import Columns, Row, read_rows
from shared.identifiers import canonical
from shared.validation import broken_rule

_NUMBER_MAX: Final = 64
_LINE_MAX: Final = 200


def _with_letter_or_digit(text: str) -> str:
    if not canonical(text):
        msg = "Must have a letter or a digit."
        raise ValueError(msg)
    return text


_ONE_LINE: Final = (
    "Must be on one line with something visible on it, without control characters, noncharacters "
    "or marks that turn the direction of text."
)
OneLine = Annotated[
    str, StringConstraints(min_length=1, max_length=_LINE_MAX, pattern=ONE_VISIBLE_LINE)
]
CertificateNumber = Annotated[
    str, StringConstraints(min_length=1, max_length=_NUMBER_MAX, pattern=ONE_VISIBLE_LINE)
]
LabelDay = Annotated[Day, Field(ge=date(2009, 1, 1), le=date(2199, 12, 31))]
_EIGHT_DIGITS: Final = "^[0-9]{8}$"
RegistrationNumber = Annotated[str, StringConstraints(pattern=_EIGHT_DIGITS)]


class HistoryLine(BaseModel):
    """One label as a row of the file; what has no cell is unknown."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    round_year: Annotated[Year, Digits]
    category: Category
    enterprise_name: OneLine
    business_registration_number: RegistrationNumber | None = None
    certificate_number: (
        Annotated[CertificateNumber, AfterValidator(_with_letter_or_digit)] | None
    ) = None
    valid_from: LabelDay | None = None
    valid_to: LabelDay | None = None
    source: OneLine | None = None

    @model_validator(mode="after")
    def _has_days_in_order(self) -> "HistoryLine":
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            msg = "Must not have valid_to before valid_from."
            raise ValueError(msg)
        return self


_PATTERNS: Final = {ONE_VISIBLE_LINE: _ONE_LINE, _EIGHT_DIGITS: "Must be 8 digits."}
COLUMNS: Final = tuple(HistoryLine.model_fields)
_TABLE: Final = Columns(
    known=COLUMNS,
    required=[name for name, each in HistoryLine.model_fields.items() if each.is_required()],
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
    try:
        for row in read_rows(lines, _TABLE):
            _read_row(row, found)
    except UnusableFileError as error:
        found.errors.append(str(error))
    _compare_lines(found)
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
        return f"Must have at most {limits['max_length']} characters."
    return _PATTERNS.get(limits.get("pattern", "")) or broken_rule(detail)


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
        return f"Must have the same data as line {first}, which is the same label: correct one."
    return (
        f"Must not be a second label of its kind for the enterprise and the round of line {first}: "
        "correct one of them, or leave one out."
    )
