"""Splits a bulk request into lines, and parses each into a key and a submission."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import msgspec
from starlette.types import Receive

from services.intake.bulk.problems import blank_line, line_too_long, malformed_line, not_ndjson
from services.intake.http.problems import key_invalid
from services.intake.http.requests import is_key
from shared.files.form import BYTE_ORDER_MARK, form_by_start, form_of
from shared.files.ndjson import is_one_document
from shared.http.json_bodies import body_too_large, chunks_of
from shared.http.json_flaws import flaws
from shared.http.problems import Problem

_REPEATED: Final = "A name appears more than once"
_NAMES: Final = {"/idempotency_key", "/submission"}
_WRAPPING_BYTES: Final = 1024  # around a submission: names, key, white space


class Line(NamedTuple):
    """A line without its line end; `text` is `None` if the line is too long.

    `problem` says that the body does not consist of lines.
    """

    number: int
    text: bytes | None
    problem: Problem | None = None


class NamedSubmission(NamedTuple):
    """The content of a line: an idempotency key and the bytes of a submission."""

    idempotency_key: str
    submission: bytes


@dataclass(slots=True)
class LineCutter:
    """Splits a stream of bytes into lines; buffers at most one line and one chunk."""

    limit_bytes: int
    _number: int = 0
    _parts: list[bytes] = field(default_factory=list)
    _held_bytes: int = 0

    def lines(self, chunk: bytes) -> Iterator[Line]:
        """Return the lines that end in this chunk."""
        *ends, rest = chunk.split(b"\n")
        for end in ends:
            yield self._line(end)
        self._hold(rest)

    def last(self) -> Iterator[Line]:
        """Return the text after the last line end, if there is any."""
        if self._held_bytes:
            yield self._line(b"")

    def _line(self, end: bytes) -> Line:
        self._hold(end)
        text = b"".join(self._parts) if self._held_bytes <= self.limit_bytes else None
        self._parts, self._held_bytes = [], 0
        self._number += 1
        return Line(self._number, text)

    def _hold(self, part: bytes) -> None:
        self._held_bytes += len(part)
        if self._held_bytes > self.limit_bytes:
            self._parts = []
        elif part:
            self._parts.append(part)


@dataclass(slots=True)
class _Body:
    """Recognises by the first line what does not consist of lines; the rest of it is dropped."""

    _is_begun: bool = False
    _is_refused: bool = False

    def lines(self, lines: list[Line]) -> list[Line]:
        """Return the next lines to answer."""
        if self._is_begun:
            return [] if self._is_refused else lines
        first = next((n for n, each in enumerate(lines) if not _is_blank(each)), None)
        if first is None:
            return lines
        self._is_begun = True
        problem = _not_lines(*(each.text or b"" for each in lines[first : first + 2]))
        if problem is None:
            return lines
        self._is_refused = True
        return [*lines[:first], lines[first]._replace(problem=problem)]


def _is_blank(line: Line) -> bool:
    return line.text is not None and not line.text.removeprefix(BYTE_ORDER_MARK).strip()


def _not_lines(first: bytes, second: bytes = b"") -> Problem | None:
    if form := form_by_start(first):
        return not_ndjson(form.name)
    is_one = is_one_document(first.removeprefix(BYTE_ORDER_MARK), second)
    return not_ndjson("one JSON document over several lines") if is_one else None


async def parts_of(
    receive: Receive, body_limit_bytes: int, together: int
) -> AsyncIterator[list[Line]]:
    """Yield lines as they arrive, in groups.

    Raises `Problem` if the client disconnects; an incomplete last line is dropped.
    """
    cutter, body = LineCutter(body_limit_bytes + _WRAPPING_BYTES), _Body()
    async for chunk in chunks_of(receive):
        lines = body.lines(list(cutter.lines(chunk)))
        for first in range(0, len(lines), together):
            yield lines[first : first + together]
    if last := body.lines(list(cutter.last())):
        yield last


class _Content(msgspec.Struct, forbid_unknown_fields=True):
    idempotency_key: str
    submission: msgspec.Raw


_DECODER: Final = msgspec.json.Decoder(_Content)


def read_line(line: Line, body_limit_bytes: int) -> NamedSubmission:
    """Parse a line; raises `Problem` for what is wrong with it."""
    text = _text(line, body_limit_bytes)
    try:
        content = _DECODER.decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _malformed(text, str(error)) from None
    submission = bytes(content.submission)
    _check_names(text, submission)
    if not is_key(content.idempotency_key.encode()):
        raise key_invalid()
    if len(submission) > body_limit_bytes:
        raise body_too_large(body_limit_bytes)
    return NamedSubmission(content.idempotency_key, submission)


def _text(line: Line, body_limit_bytes: int) -> bytes:
    if line.problem:
        raise line.problem
    if line.text is None:
        raise line_too_long(body_limit_bytes + _WRAPPING_BYTES)
    return line.text.removeprefix(BYTE_ORDER_MARK)


def _malformed(text: bytes, complaint: str) -> Problem:
    if not text.strip():
        return blank_line()
    form = form_of(text)
    return malformed_line(f"This is {form.name}" if form else complaint)


def _check_names(text: bytes, submission: bytes) -> None:
    # Of two equal names the decoder takes the last. Both are in the text, plain or escaped.
    may_be_repeated = (
        text.count(b'"submission"') > 1
        or text.count(b'"idempotency_key"') > 1
        or text.count(b"\\") != submission.count(b"\\")
    )
    if may_be_repeated and any(each.pointer in _NAMES for each in flaws(text)):
        raise malformed_line(_REPEATED)
