"""Reads a file of rulings, CSV or NDJSON: one JSON document with its line number per row."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from shared.files.form import UnusableFileError, opened_text
from shared.files.ndjson import read_lines
from shared.files.table import Columns, Row, read_rows

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
_TABLE: Final = Columns(COLUMNS, ("type",))
_WHOLE_NUMBER: Final = re.compile(r"-?[0-9]{1,15}")
_SEPARATOR: Final = "|"
_SUPERFLUOUS: Final = "more cells than columns"


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One ruling or completion as written: its line number, from 1, and a JSON document."""

    number: int
    body: bytes
    is_csv: bool = False


def source_lines(file: Path) -> Iterator[SourceLine]:
    """Read a file one line at a time, by its suffix.

    Raises `UnusableFileError` for an unknown suffix, another form than UTF-8 text, CSV without a
    usable header or with an unclosed quotation mark, and NDJSON that is one document.
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
    with opened_text(file) as opened:
        try:
            for row in read_rows(opened, _TABLE):
                yield SourceLine(row.number, _as_json(row), is_csv=True)
        except UnusableFileError as error:
            msg = f"{file}: {error}"
            raise UnusableFileError(msg) from error


def _as_json(row: Row) -> bytes:
    """Convert a row to the JSON document of an NDJSON line."""
    document = {name: _value(name, cell) for name, cell in row.cells.items()}
    reason = {each: document.pop(f"reason_{each}", None) for each in REASON}
    given = {name: value for name, value in reason.items() if value is not None}
    if given:
        document["reasons"] = [given]
    if row.surplus:
        document[_SUPERFLUOUS] = row.surplus
    return json.dumps(document).encode()


def _value(name: str, cell: str) -> Any:
    if name in WHOLE_NUMBERS and _WHOLE_NUMBER.fullmatch(cell):
        return int(cell)
    if name == "report_approved":
        return BOOLEANS.get(cell.lower(), cell)  # Excel writes TRUE and FALSE
    if name == "recommended_measures":
        return [each.strip() for each in cell.split(_SEPARATOR)]
    return cell
