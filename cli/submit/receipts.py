"""Receipts: the outcome of each line of a file, stored next to it so that a run can be resumed."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from cli.receipt_file import open_receipts, read_receipts, write_receipt
from cli.submit.line_index import LineIndex
from cli.submit.outcomes import Accepted, Outcome
from shared.files.ndjson import Line


class Receipts:
    """The receipts of one file of submissions, open for appending.

    A line whose receipt was cut off by a crash is submitted again, under the same idempotency key.
    """

    def __init__(self, path: Path, index: LineIndex) -> None:
        self._path = path
        self._index = index
        self.sample: str | None = None
        """Any application of an earlier run; an intake that does not know it is another intake."""
        index.add_accepted(self._accepted_keys())
        self._file = open_receipts(path)

    def _accepted_keys(self) -> Iterator[str]:
        for key, application_id in read_receipts(self._path, "key", "application_id"):
            self.sample = self.sample or application_id
            yield key

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

    def is_accepted(self, line: Line) -> bool:
        """Return whether an earlier run created an application from a line."""
        return self.sample is not None and self._index.is_accepted(line.idempotency_key)

    def set_aside(self) -> Path:
        """Start with no receipts; return the path to which the earlier ones were moved."""
        self._file.close()
        aside = self._path.with_name(self._path.name + ".earlier")
        self._path.replace(aside)
        self.sample = None
        self._index.clear_accepted()
        self._file = open_receipts(self._path)
        return aside

    def write(self, outcomes: Sequence[tuple[Line, Outcome]]) -> None:
        """Record outcomes, flushed together; the next run submits the refused lines again."""
        for line, outcome in outcomes:
            known = {"line": line.number, "key": line.idempotency_key}
            write_receipt(self._file, known | _fields(outcome))
        self._file.flush()


def _fields(outcome: Outcome) -> dict[str, object]:
    if isinstance(outcome, Accepted):
        return {"application_id": outcome.application_id}
    return {"problem": outcome.problem}
