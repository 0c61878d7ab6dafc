"""Reads NDJSON files line by line: one JSON document on each line."""

import hashlib
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec

from shared.files.form import BYTE_ORDER_MARK, UnusableFileError, check_form

_CHUNK_BYTES: Final = 1024 * 1024
_LONGEST_LINE_BYTES: Final = 16 * 1024 * 1024
ONE_DOCUMENT: Final = (
    "one JSON document over several lines. Must be NDJSON, with each document on one line of its "
    "own: `jq -c . FILE` writes it so, and `jq -c '.[]' FILE` the members of a list."
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file: its number and its bytes."""

    number: int
    body: bytes

    @property
    def digest(self) -> bytes:
        """A short hash of the content, whatever the line's number."""
        return hashlib.sha256(self.body).digest()[:16]

    @property
    def idempotency_key(self) -> str:
        """Return the same key for the same line on every run, so that a repeat is recognised."""
        return hashlib.sha256(b"%d\n%b" % (self.number, self.body)).hexdigest()[:32]


def read_lines(file: Path) -> Generator[Line]:
    """Return the non-empty lines; numbers count from 1. Close what is not read to its end.

    Raises `UnusableFileError`, at once for a file that is not NDJSON in UTF-8, or when a line
    turns out to be longer than any document.
    """
    check_form(file)
    with closing(_lines(file)) as lines:
        begun = list(islice(lines, 2))
    if begun and is_one_document(*(each.body for each in begun)):
        msg = f"{file}: this is {ONE_DOCUMENT}"
        raise UnusableFileError(msg)
    return _lines(file)


def _lines(file: Path) -> Generator[Line]:
    with file.open("rb") as opened:
        lines = iter(lambda: opened.readline(_LONGEST_LINE_BYTES), b"")
        for number, line in enumerate(lines, 1):
            if len(line) == _LONGEST_LINE_BYTES:
                msg = f"{file}: line {number} is too long: put one submission on each line"
                raise UnusableFileError(msg)
            body = line.removeprefix(BYTE_ORDER_MARK).strip()
            if body:
                yield Line(number, body)


def is_one_document(first: bytes, second: bytes = b"") -> bool:
    """Return whether the first two lines begin one document that goes on over further lines.

    A first line that was cut off is not one: the next one is complete again, or there is none.
    """
    if first.strip() in {b"{", b"["}:
        return True
    return bool(first.strip() and second.strip()) and _is_cut_off(first) and not is_complete(second)


def _is_cut_off(text: bytes) -> bool:
    return _flaw(text) == "Input data was truncated"


def is_complete(text: bytes) -> bool:
    """Return whether a text is one JSON value."""
    return not _flaw(text)


def _flaw(text: bytes) -> str:
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return str(error)
    return ""


def count_lines(file: Path) -> int:
    """Return the number of lines, including empty ones, without loading the file."""
    count, last = 0, b"\n"
    with file.open("rb") as opened:
        while chunk := opened.read(_CHUNK_BYTES):
            count, last = count + chunk.count(b"\n"), chunk[-1:]
    return count + (last != b"\n")
