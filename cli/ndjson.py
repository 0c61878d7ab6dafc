"""Reads a file of submissions: one JSON document on each line, however large the file is."""

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
    """One submission: where it stands in the file, and its bytes."""

    number: int
    body: bytes

    @property
    def idempotency_key(self) -> str:
        """Name this submission: the same line of the same file always has the same name."""
        return hashlib.sha256(b"%d\n%b" % (self.number, self.body)).hexdigest()[:32]


def read_lines(file: Path) -> Iterator[Line]:
    """Read the lines that are not empty, one at a time; numbers count from 1.

    Raises `ValueError` for a line so long that the file cannot be one of submissions.
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
    """Count all lines, empty ones too, without keeping them."""
    count, last = 0, b"\n"
    with file.open("rb") as opened:
        while chunk := opened.read(_CHUNK_BYTES):
            count, last = count + chunk.count(b"\n"), chunk[-1:]
    return count + (last != b"\n")
