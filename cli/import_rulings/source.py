"""Reads a file of rulings, CSV or NDJSON: one JSON document for each line, and where it stands."""

import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cli.ndjson import read_lines

WHOLE_NUMBERS: Final = frozenset({"version", "adjusted_cost_cents", "grant_cents"})
BOOLEANS: Final[Mapping[str, bool]] = {"true": True, "false": False}
REASON: Final = ("code", "source", "en", "zh_hant", "zh_hans")
COLUMNS: Final = (
    "type",
    "application_id",
    "case_number",
    "version",
    "ruling_id",
    "step",
    "ruling",
    "ruled_at",
    "adjusted_cost_cents",
    "grant_cents",
    "notice_from",
    "notice_to",
    *(f"reason_{each}" for each in REASON),
    "stream",
    "factory_registration_number",
    "completed_on",
    "report_approved",
    "recommended_measures",
)
_WHOLE_NUMBER: Final = re.compile(r"-?[0-9]{1,15}")
_SEPARATOR: Final = "|"
_SUPERFLUOUS: Final = "more cells than columns"


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One ruling or completion as it is written: its line, counted from 1, and a JSON document."""

    number: int
    body: bytes
    is_csv: bool = False


class UnusableFileError(Exception):
    """No line of the file can be read; the message says why, and what to do."""


def source_lines(file: Path) -> Iterator[SourceLine]:
    """Read a file one line at a time, by its suffix.

    Raises `UnusableFileError` where the file as a whole is not what it should be.
    """
    match file.suffix.lower():
        case ".csv":
            return _csv_lines(file)
        case ".ndjson" | ".jsonl":
            return (SourceLine(each.number, each.body) for each in read_lines(file))
        case _:
            msg = f"{file}: the name has to end in .csv or .ndjson, so that it can be read"
            raise UnusableFileError(msg)


def _csv_lines(file: Path) -> Iterator[SourceLine]:
    # What is no UTF-8 becomes halves of surrogate pairs, which are told with their line and column.
    with file.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as opened:
        rows = csv.DictReader(opened, restkey=_SUPERFLUOUS, strict=True)
        try:
            _check_header(file, rows.fieldnames or ())
            for row in rows:
                yield SourceLine(rows.line_num, _as_json(row), is_csv=True)
        except csv.Error as error:
            msg = f"{file}: line {rows.line_num}: this is not CSV: {error}"
            raise UnusableFileError(msg) from error


def _check_header(file: Path, names: Any) -> None:
    unknown = sorted(set(names) - set(COLUMNS))
    repeated = sorted({each for each in names if list(names).count(each) > 1})
    wrong = [f"unknown column {each!r}" for each in unknown]
    wrong += [f"column {each!r} stands more than once" for each in repeated]
    if "type" not in names:
        wrong.append("no column 'type'")
    if wrong:
        msg = (
            f"{file}: line 1: {'; '.join(wrong)}. The first line names the columns, of these: "
            f"{', '.join(COLUMNS)}"
        )
        raise UnusableFileError(msg)


def _as_json(row: Mapping[str, Any]) -> bytes:
    """Lay a row out as a line of NDJSON has it; an empty cell is left out."""
    document = {name: _value(name, cell) for name, cell in row.items() if cell}
    reason = {each: document.pop(f"reason_{each}", None) for each in REASON}
    given = {name: value for name, value in reason.items() if value is not None}
    if given:
        document["reasons"] = [given]
    return json.dumps(document).encode()


def _value(name: str, cell: Any) -> Any:
    if name in WHOLE_NUMBERS and _WHOLE_NUMBER.fullmatch(cell):
        return int(cell)
    if name == "report_approved":
        return BOOLEANS.get(cell, cell)
    if name == "recommended_measures":
        return [each.strip() for each in cell.split(_SEPARATOR)]
    return cell
