"""Receipts: what became of each line of a file, kept beside it, so that a run can be resumed."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from os import SEEK_END
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self

from cli.ndjson import Line

_SUFFIX: Final = ".receipts.ndjson"


def receipts_beside(file: Path) -> Path:
    """Name the receipts of a file."""
    return file.with_name(file.name + _SUFFIX)


class Receipts:
    """The receipts of one file of submissions, open for more.

    Each is written out at once. One that was cut off by a crash is passed over: its line is
    submitted again, under the same idempotency key.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._accepted = dict(_accepted_in(path))
        self._file: IO[bytes] = path.open("ab+")
        self._end_last_line()

    def __enter__(self) -> Self:
        """Stay open."""
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        """Close the file."""
        self._file.close()

    def application_id(self, line: Line) -> str | None:
        """Find the application that a line became in an earlier run."""
        return self._accepted.get(line.idempotency_key)

    @property
    def sample(self) -> str | None:
        """Some application of an earlier run: an intake that does not know it is another one."""
        return next(iter(self._accepted.values()), None)

    def set_aside(self) -> Path:
        """Begin anew; returns where the earlier receipts are kept."""
        self._file.close()
        aside = self._path.with_name(self._path.name + ".earlier")
        self._path.replace(aside)
        self._accepted = {}
        self._file = self._path.open("ab")
        return aside

    def accepted(self, line: Line, application_id: str) -> None:
        """Note that a line became an application."""
        self._write(line, {"application_id": application_id})

    def refused(self, line: Line, problem: Mapping[str, Any]) -> None:
        """Note why a line was refused; it is tried again by the next run."""
        self._write(line, {"problem": problem})

    def _end_last_line(self) -> None:
        if self._file.tell():
            self._file.seek(-1, SEEK_END)
            if self._file.read(1) != b"\n":
                self._file.write(b"\n")

    def _write(self, line: Line, outcome: Mapping[str, Any]) -> None:
        receipt = {"line": line.number, "key": line.idempotency_key, **outcome}
        self._file.write(json.dumps(receipt, ensure_ascii=False).encode() + b"\n")
        self._file.flush()


def _accepted_in(path: Path) -> Iterator[tuple[str, str]]:
    if not path.exists():
        return
    with path.open("rb") as opened:
        for line in opened:
            with suppress(ValueError, KeyError, TypeError):
                receipt = json.loads(line)
                yield receipt["key"], receipt["application_id"]
