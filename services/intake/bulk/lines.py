"""Splits a bulk request into lines, and parses each into a key and a submission."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import msgspec
from starlette.types import Receive

from services.intake.bulk.problems import blank_line, line_too_long, malformed_line
from services.intake.http.problems import body_too_large, key_invalid
from services.intake.http.requests import chunks_of, is_key
from shared.http.json_flaws import flaws

_REPEATED: Final = "A name appears more than once"
_NAMES: Final = {"/idempotency_key", "/submission"}
_WRAPPING_BYTES: Final = 1024  # around a submission: names, key, white space


class Line(NamedTuple):
    """A line without its line end; `text` is `None` if the line is too long."""

    number: int
    text: bytes | None


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


async def parts_of(
    receive: Receive, body_limit_bytes: int, together: int
) -> AsyncIterator[list[Line]]:
    """Yield lines as they arrive, in groups.

    Raises `Problem` if the client disconnects; an incomplete last line is dropped.
    """
    cutter = LineCutter(body_limit_bytes + _WRAPPING_BYTES)
    async for chunk in chunks_of(receive):
        lines = list(cutter.lines(chunk))
        for first in range(0, len(lines), together):
            yield lines[first : first + together]
    if last := list(cutter.last()):
        yield last


class _Content(msgspec.Struct, forbid_unknown_fields=True):
    idempotency_key: str
    submission: msgspec.Raw


_DECODER: Final = msgspec.json.Decoder(_Content)


def read_line(line: Line, body_limit_bytes: int) -> NamedSubmission:
    """Parse a line; raises `Problem` for what is wrong with it."""
    if line.text is None:
        raise line_too_long(body_limit_bytes + _WRAPPING_BYTES)
    try:
        content = _DECODER.decode(line.text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise malformed_line(str(error)) if line.text.strip() else blank_line() from None
    submission = bytes(content.submission)
    _check_names(line.text, submission)
    if not is_key(content.idempotency_key.encode()):
        raise key_invalid()
    if len(submission) > body_limit_bytes:
        raise body_too_large(body_limit_bytes)
    return NamedSubmission(content.idempotency_key, submission)


def _check_names(text: bytes, submission: bytes) -> None:
    # Of two equal names the decoder takes the last. Both are in the text, plain or escaped.
    may_be_repeated = (
        text.count(b'"submission"') > 1
        or text.count(b'"idempotency_key"') > 1
        or text.count(b"\\") != submission.count(b"\\")
    )
    if may_be_repeated and any(each.pointer in _NAMES for each in flaws(text)):
        raise malformed_line(_REPEATED)
