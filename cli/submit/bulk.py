"""The form of bulk requests: which lines fit in one, and how lines and results are written."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import httpx
import msgspec

from cli.submit.outcomes import Accepted, Outcome, Record, Refused
from cli.submit.retrying import NOT_NOW, NotNowError
from shared.files.ndjson import Line, is_complete

MEDIA_TYPE: Final = "application/x-ndjson"
_LINES_AT_MOST: Final = 200
# httpx reads no result before the whole body is sent. intake takes so much in without waiting for
# its results to be read, whatever their size, so neither waits for the other.
_BYTES_AT_MOST: Final = 256 * 1024
# About the form of a bulk line, which the file does not have: the line's own problem says more.
_ABOUT_THE_FORM: Final = frozenset({"blank-line", "line-too-long", "malformed-line", "not-ndjson"})


@dataclass(slots=True)
class ChunkLimits:
    """How much of a file is sent in one request; with one line, there are no bulk requests."""

    lines: int = 1
    bytes: int = _BYTES_AT_MOST

    @property
    def is_bulk(self) -> bool:
        """Whether lines are sent in bulk."""
        return self.lines > 1

    def allow_bulk(self) -> None:
        """Send lines in bulk from now on."""
        self.lines = _LINES_AT_MOST

    def forbid_bulk(self) -> None:
        """Send lines one by one from now on."""
        self.lines = 1

    def halve(self) -> None:
        """Send smaller requests from now on."""
        self.bytes //= 2


class Chunks:
    """Hands out the lines of a file in chunks within the limits."""

    def __init__(self, lines: Iterator[Line], limits: ChunkLimits) -> None:
        self._lines = lines
        self._limits = limits
        self._next = next(lines, None)

    def take(self) -> list[Line]:
        """Return the next lines, at least one; none at the end of the file."""
        taken: list[Line] = []
        bytes_left = self._limits.bytes
        while self._next and self._fits(taken, bytes_left):
            taken.append(self._next)
            bytes_left -= len(self._next.body)
            self._next = next(self._lines, None)
        return taken

    def _fits(self, taken: Sequence[Line], bytes_left: int) -> bool:
        if not taken or self._next is None:
            return True
        return len(taken) < self._limits.lines and len(self._next.body) <= bytes_left


class BulkResult(msgspec.Struct):
    """The result of one line; `line` counts the lines of the request from 1."""

    line: int
    status: int
    application_id: str = ""
    problem: Mapping[str, Any] = {}
    retry_after: float = 0

    @property
    def is_about_the_form(self) -> bool:
        """Whether the line must be sent alone to learn what is wrong with it."""
        return str(self.problem.get("type", "")).rpartition(":")[2] in _ABOUT_THE_FORM

    def outcome(self) -> Outcome:
        """Return the final outcome."""
        is_accepted = self.status == HTTPStatus.ACCEPTED
        return Accepted(self.application_id) if is_accepted else Refused(self.problem)


class PendingLines:
    """The lines of a bulk request that have no outcome yet."""

    def __init__(self, lines: Sequence[Line], record: Record) -> None:
        self._unanswered = {n: each for n, each in enumerate(lines, 1) if _fits(each)}
        self._alone = [each for each in lines if not _fits(each)]
        self._record = record
        self.retry_after_seconds = 0.0

    def body(self) -> bytes:
        """Return the body of a request for all lines that can be sent in bulk."""
        self._unanswered = dict(enumerate(self._unanswered.values(), 1))
        self.retry_after_seconds = 0.0
        return b"".join(map(_bulk_line, self._unanswered.values()))

    def settle(self, results: Iterable[BulkResult]) -> None:
        """Record the outcomes among these results; lines to be sent again stay pending."""
        outcomes: list[tuple[Line, Outcome]] = []
        for each in results:
            if each.status in NOT_NOW:
                self.retry_after_seconds = max(self.retry_after_seconds, each.retry_after)
            elif line := self._unanswered.pop(each.line, None):
                if each.is_about_the_form:
                    self._alone.append(line)
                else:
                    outcomes.append((line, each.outcome()))
        if outcomes:
            self._record(outcomes)

    def sendable(self) -> int:
        """Return how many lines can still be sent in bulk."""
        return len(self._unanswered)

    def left(self) -> list[Line]:
        """Return every line without an outcome, also those that must be sent alone."""
        return [*self._alone, *self._unanswered.values()]


def _fits(line: Line) -> bool:
    # Text that is no JSON value could turn the lines around it into something else.
    return len(line.body) <= _BYTES_AT_MOST and is_complete(line.body)


def _bulk_line(line: Line) -> bytes:
    key = line.idempotency_key.encode()
    return b'{"idempotency_key":"%b","submission":%b}\n' % (key, line.body)


_RESULTS: Final = msgspec.json.Decoder(BulkResult)


async def results_of(answer: httpx.Response) -> AsyncIterator[list[BulkResult]]:
    """Yield the results of a bulk request as they arrive; an incomplete last one is dropped.

    Raises `NotNowError` for what is no result.
    """
    rest = b""
    async for part in answer.aiter_bytes():
        *whole, rest = (rest + part).split(b"\n")
        try:
            yield [_RESULTS.decode(each) for each in whole]
        except msgspec.DecodeError as error:
            msg = f"a result that is not from intake ({error})"
            raise NotNowError(msg) from error


def is_results(answer: httpx.Response) -> bool:
    """Return whether a response has results of lines."""
    return answer.is_success and answer.headers.get("Content-Type", "").startswith(MEDIA_TYPE)
