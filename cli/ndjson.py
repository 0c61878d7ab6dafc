"""Reads NDJSON files line by line: one JSON document on each line."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_CHUNK_BYTES: Final = 1024 * 1024
_LONGEST_LINE_BYTES: Final = 16 * 1024 * 1024
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


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


def read_lines(file: Path) -> Iterator[Line]:
    """Yield the non-empty lines; numbers count from 1.

    Raises `ValueError` for a line longer than any document: the file is not NDJSON.
    """
    with file.open("rb") as opened:
        lines = iter(lambda: opened.readline(_LONGEST_LINE_BYTES), b"")
        for number, line in enumerate(lines, 1):
            if len(line) == _LONGEST_LINE_BYTES:
                msg = f"{file}: line {number} is too long: put one submission on each line"
                raise ValueError(msg)
            body = line.removeprefix(_BYTE_ORDER_MARK).strip()
            if body:
                yield Line(number, body)


def count_lines(file: Path) -> int:
    """Return the number of lines, including empty ones, without loading the file."""
    count, last = 0, b"\n"
    with file.open("rb") as opened:
        while chunk := opened.read(_CHUNK_BYTES):
            count, last = count + chunk.count(b"\n"), chunk[-1:]
    return count + (last != b"\n")
