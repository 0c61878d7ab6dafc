"""Reads a file of rulings, CSV or NDJSON: one JSON document with its line number per row."""

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
    "objection_id",
    *(f"reason_{each}" for each in REASON),
    "received_at",
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
    """One ruling or completion as written: its line number, from 1, and a JSON document."""

    number: int
    body: bytes
    is_csv: bool = False


class UnusableFileError(Exception):
    """The file as a whole cannot be read; the message says why, and what to do."""


def source_lines(file: Path) -> Iterator[SourceLine]:
    """Read a file one line at a time, by its suffix.

    Raises `UnusableFileError` for an unknown suffix, and for CSV without a usable header.
    """
    match file.suffix.lower():
        case ".csv":
            return _csv_lines(file)
        case ".ndjson" | ".jsonl":
            return (SourceLine(each.number, each.body) for each in read_lines(file))
        case _:
            msg = f"{file}: the name must end in .csv or .ndjson"
            raise UnusableFileError(msg)


def _csv_lines(file: Path) -> Iterator[SourceLine]:
    # Invalid UTF-8 becomes lone surrogates, which the check reports with line and column.
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
    wrong += [f"column {each!r} is given more than once" for each in repeated]
    if "type" not in names:
        wrong.append("no column 'type'")
    if wrong:
        msg = (
            f"{file}: line 1: {'; '.join(wrong)}. The first line must name columns out of: "
            f"{', '.join(COLUMNS)}"
        )
        raise UnusableFileError(msg)


def _as_json(row: Mapping[str, Any]) -> bytes:
    """Convert a row to the JSON document of an NDJSON line; omit empty cells."""
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
