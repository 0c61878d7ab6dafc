"""Receipts: the outcome of each line of a file, stored next to it so that a run can be resumed."""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cli.receipt_file import open_receipts, read_receipts, write_receipt
from shared.files.ndjson import Line


class Receipts:
    """The receipts of one file of submissions, open for appending.

    Each is flushed at once. A line whose receipt was cut off by a crash is submitted again, under
    the same idempotency key.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._accepted: dict[str, str] = dict(read_receipts(path, "key", "application_id"))
        self._file = open_receipts(path)

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
        """Return the id of the application that an earlier run created from a line."""
        return self._accepted.get(line.idempotency_key)

    @property
    def sample(self) -> str | None:
        """Any application of an earlier run; an intake that does not know it is another intake."""
        return next(iter(self._accepted.values()), None)

    def set_aside(self) -> Path:
        """Start with no receipts; return the path to which the earlier ones were moved."""
        self._file.close()
        aside = self._path.with_name(self._path.name + ".earlier")
        self._path.replace(aside)
        self._accepted = {}
        self._file = open_receipts(self._path)
        return aside

    def accepted(self, line: Line, application_id: str) -> None:
        """Record that a line was accepted as an application."""
        self._write(line, {"application_id": application_id})

    def refused(self, line: Line, problem: Mapping[str, Any]) -> None:
        """Record why a line was refused; the next run submits it again."""
        self._write(line, {"problem": problem})

    def _write(self, line: Line, outcome: Mapping[str, Any]) -> None:
        receipt = {"line": line.number, "key": line.idempotency_key, **outcome}
        write_receipt(self._file, receipt)
        self._file.flush()
