"""Reads rows of CSV as spreadsheets save them.

Commas, semicolons and tabs are taken as delimiters, whichever the line of column names has. Cells
are trimmed, though not of line breaks. Rows without content and empty cells beyond the columns are
passed over.
"""

import csv
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, chain
from typing import Final, NamedTuple

from shared.files.form import UnusableFileError

_DELIMITERS: Final = ",;\t"
_STATED: Final = re.compile(r"\ufeff?sep=([,;\t|])\s*")  # the line by which Excel is told
_PADDING: Final = " \t\xa0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_NO_NAME: Final = f'\ufeff",;\r\n{_PADDING}'
_NOT_CLOSED: Final = (
    "line {line}: this is not CSV: a quotation mark opens here and does not close its cell. Must "
    "be closed before the next cell; a quotation mark inside a cell is doubled"
)


class Row(NamedTuple):
    """A row with content: the number of the line on which it begins, and its cells by column.

    Empty cells are left out. `surplus` are cells with content beyond the columns.
    """

    number: int
    cells: Mapping[str, str]
    surplus: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns that a table may have, and those that it must have."""

    known: Sequence[str]
    required: Collection[str]

    def flaws(self, names: Sequence[str]) -> Iterator[str]:
        """Return what is wrong with the names in the first line."""
        for name in sorted(set(names) - {"", *self.known}):
            yield f"unknown column {name!r}"
        for name in sorted({each for each in names if each and names.count(each) > 1}):
            yield f"column {name!r} is given more than once"
        for name in self.required:
            if name not in names:
                yield f"no column {name!r}"


@dataclass(slots=True)
class _Lines:
    """Lines as the CSV reader takes them: the number of the last one, and those of its row."""

    lines: Iterator[str]
    number: int = 0
    taken: list[str] = field(default_factory=list)

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = next(self.lines)
        self.number += 1
        self.taken.append(line)
        return line

    @property
    def first(self) -> int:
        """The number of the line on which the current row begins."""
        return self.number - len(self.taken) + 1

    def put_back(self, line: str) -> None:
        """Take this line again next, without a byte order mark."""
        self.lines = chain([line.removeprefix("\ufeff")], self.lines)
        self.number -= 1
        self.taken.clear()


def read_rows(lines: Iterable[str], columns: Columns) -> Iterator[Row]:
    """Yield every row with content below the line of column names.

    `lines` keep their ends. Raises `UnusableFileError` with a line number if the first line does
    not name the columns, and where a quotation mark is left open.
    """
    source = _Lines(iter(lines))
    rows = _parsed(source, _delimiter(source, columns))
    names = [each.strip(_PADDING) for each in next(rows, [])]
    if flaws := "; ".join(columns.flaws(names)):
        known = ", ".join(columns.known)
        msg = f"line {source.number or 1}: {flaws}. Must name columns out of: {known}"
        raise UnusableFileError(msg)
    for cells in rows:
        if any(each.strip() for each in cells):
            yield _row(source.first, names, [each.strip(_PADDING) for each in cells])


def _delimiter(source: _Lines, columns: Columns) -> str:
    """Go to the line of column names; return the delimiter that finds the most of them in it."""
    delimiters = _DELIMITERS
    for line in source:
        if stated := _STATED.fullmatch(line):
            delimiters = stated[1]
        elif line.strip(_NO_NAME):
            source.put_back(line)
            return max(delimiters, key=lambda each: len(_names(line, each) & {*columns.known}))
    return _DELIMITERS[0]


def _names(line: str, delimiter: str) -> set[str]:
    return {each.strip(_NO_NAME) for each in line.split(delimiter)}


def _parsed(source: _Lines, delimiter: str) -> Iterator[list[str]]:
    rows = csv.reader(source, delimiter=delimiter, strict=True, skipinitialspace=True)
    try:
        for row in rows:
            yield row
            source.taken.clear()
    except csv.Error as error:
        flaw = _open_quote(source, delimiter) or f"line {source.first}: this is not CSV: {error}"
        raise UnusableFileError(flaw) from error


def _open_quote(source: _Lines, delimiter: str) -> str:
    """Say on which line of the last row a quotation mark opens that does not close its cell."""
    end = f"[{re.escape(delimiter)}\r\n]"
    cell = re.compile(rf' *"(?:[^"]|"")*+"(?={end}|$)|(?P<open> *")|[^{end[1:]}*+')
    text, position = "".join(source.taken), 0
    while position < len(text) and (found := cell.match(text, position)):
        if found["open"]:
            before = sum(end <= position for end in accumulate(map(len, source.taken)))
            return _NOT_CLOSED.format(line=source.first + before)
        position = found.end() + 1
    return ""


def _row(number: int, names: Sequence[str], cells: Sequence[str]) -> Row:
    named = {name: cell for name, cell in zip(names, cells, strict=False) if name and cell}
    unnamed = [cell for name, cell in zip(names, cells, strict=False) if cell and not name]
    return Row(number, named, [*unnamed, *filter(None, cells[len(names) :])])
