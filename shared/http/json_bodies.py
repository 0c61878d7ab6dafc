"""Reads the body of a request that must be JSON: its media type, and its bytes up to a limit.

Uses the ASGI scope directly: `starlette.requests.Request` would cost more than everything here.
"""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from http import HTTPStatus
from typing import Final

from starlette.types import Receive

from shared.files.form import BYTE_ORDER_MARK, Form
from shared.http.problems import Problem

RawHeaders = Sequence[tuple[bytes, bytes]]

_JSON: Final = re.compile(rb'application/json *(; *charset="?utf-8"?)? *;?', re.IGNORECASE)


async def json_body(headers: RawHeaders, receive: Receive, limit_bytes: int) -> bytes:
    """Read a body with a JSON media type, without a byte order mark.

    Stops at the limit, whatever length is declared, so that memory stays bounded.
    """
    given = dict(headers)
    if not is_declared(given, _JSON):
        raise unsupported_media_type()
    if int(given.get(b"content-length", 0)) > limit_bytes:
        raise body_too_large(limit_bytes)
    body = bytearray()
    async for chunk in chunks_of(receive):
        body += chunk
        if len(body) > limit_bytes:
            raise body_too_large(limit_bytes)
    return bytes(body).removeprefix(BYTE_ORDER_MARK)


def is_declared(headers: Mapping[bytes, bytes], as_type: re.Pattern[bytes]) -> bool:
    """Return whether the headers declare this media type and no content encoding."""
    declared = headers.get(b"content-type", b"")
    return as_type.fullmatch(declared) is not None and b"content-encoding" not in headers


async def chunks_of(receive: Receive) -> AsyncIterator[bytes]:
    """Yield a body in chunks; raises `Problem` if the client disconnects."""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise body_cut_off()
        more = message.get("more_body", False)
        yield message.get("body", b"")


def unsupported_media_type() -> Problem:
    """Return the problem for a body that is not declared to be plain JSON."""
    return Problem(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "unsupported-media-type",
        "Send the application as JSON in UTF-8, with Content-Type: application/json and without "
        "Content-Encoding.",
        headers={"Accept": "application/json"},
    )


def body_too_large(limit_bytes: int) -> Problem:
    """Return the problem for a body over the limit."""
    return Problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "body-too-large",
        f"The body is larger than {limit_bytes} bytes, the limit for one application. Shorten it.",
        more={"limit_bytes": limit_bytes},
    )


def body_cut_off() -> Problem:
    """Return the problem for a client that disconnected; it is counted though nobody reads it."""
    return Problem(
        HTTPStatus.BAD_REQUEST, "body-cut-off", "The body is incomplete. Send the request again."
    )


def malformed_json(complaint: str) -> Problem:
    """Return the problem for a body that is not JSON; `complaint` ends in its line and column."""
    place = re.search(r"line (\d+) column (\d+)$", complaint)
    more: Mapping[str, int] = {"line": int(place[1]), "column": int(place[2])} if place else {}
    return Problem(
        HTTPStatus.BAD_REQUEST,
        "malformed-json",
        f"The body is not valid JSON: {complaint}. Correct it and send it again.",
        more=more,
    )


def not_utf8(form: Form) -> Problem:
    """Return the problem for a body in another form than UTF-8."""
    return Problem(
        HTTPStatus.BAD_REQUEST,
        "malformed-json",
        f"The body is {form.name}. Must be JSON in UTF-8, not compressed.",
    )
