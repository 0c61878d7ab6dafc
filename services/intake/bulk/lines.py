"""Lines of a bulk request: cut from the stream, and read into a key and a submission."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import msgspec
from starlette.types import Receive

from services.intake.bulk.problems import blank_line, line_too_long, malformed_line
from services.intake.http.problems import body_too_large, key_invalid
from services.intake.http.requests import chunks_of, is_key
from shared.http.json_flaws import flaws

_REPEATED: Final = "A name stands more than once"
_NAMES: Final = {"/idempotency_key", "/submission"}
_WRAPPING_BYTES: Final = 1024  # around a submission: the names, the key, and some space


class Line(NamedTuple):
    """A line as it came, without its end; without text it was longer than is allowed."""

    number: int
    text: bytes | None


class NamedSubmission(NamedTuple):
    """What a line holds: the bytes of a submission, to be read like those of a single one."""

    idempotency_key: str
    submission: bytes


@dataclass(slots=True)
class LineCutter:
    """Cuts a stream of bytes into lines; holds no more than the longest line and a chunk."""

    limit_bytes: int
    _number: int = 0
    _parts: list[bytes] = field(default_factory=list)
    _held_bytes: int = 0

    def lines(self, chunk: bytes) -> Iterator[Line]:
        """Give the lines that end in this chunk."""
        *ends, rest = chunk.split(b"\n")
        for end in ends:
            yield self._line(end)
        self._hold(rest)

    def last(self) -> Iterator[Line]:
        """Give what is behind the last end of a line, if there is anything."""
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
    """Read lines as they come, some together.

    What a client that went away left of a line is none; the problem that says so is raised.
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
    """Read a line; raises the problem that says what is wrong with it."""
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
    # The decoder takes the last of two equal names. Both are there as they are, or with escapes.
    may_be_repeated = (
        text.count(b'"submission"') > 1
        or text.count(b'"idempotency_key"') > 1
        or text.count(b"\\") != submission.count(b"\\")
    )
    if may_be_repeated and any(each.pointer in _NAMES for each in flaws(text)):
        raise malformed_line(_REPEATED)
