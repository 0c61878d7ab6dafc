"""Reads a request: idempotency key, media type, and the body up to its limit.

Uses the ASGI scope directly: `starlette.requests.Request` would cost more than everything here.
"""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final

from starlette.types import Receive

from services.intake.http.problems import (
    body_cut_off,
    body_not_wanted,
    body_too_large,
    key_invalid,
    key_missing,
    unsupported_media_type,
)
from shared.files.form import BYTE_ORDER_MARK

RawHeaders = Sequence[tuple[bytes, bytes]]

_VISIBLE_ASCII: Final = re.compile(rb"[\x21-\x7e]{1,255}")
_JSON: Final = re.compile(rb'application/json *(; *charset="?utf-8"?)? *;?', re.IGNORECASE)


def idempotency_key(headers: RawHeaders) -> str:
    """Return the idempotency key; raises `Problem` if it is missing or malformed."""
    keys = [value for name, value in headers if name == b"idempotency-key"]
    if len(keys) != 1 or not keys[0]:
        raise key_missing()
    if not is_key(keys[0]):
        raise key_invalid()
    return keys[0].decode()


def is_key(text: bytes) -> bool:
    """Return whether a text is a valid idempotency key."""
    return _VISIBLE_ASCII.fullmatch(text) is not None


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


async def no_body(receive: Receive) -> None:
    """Check that a request has no body; raises `Problem` if it has one."""
    async for chunk in chunks_of(receive):
        if chunk:
            raise body_not_wanted()


async def chunks_of(receive: Receive) -> AsyncIterator[bytes]:
    """Yield a body in chunks; raises `Problem` if the client disconnects."""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise body_cut_off()
        more = message.get("more_body", False)
        yield message.get("body", b"")


def header_of(headers: RawHeaders, wanted: bytes) -> str | None:
    """Return the first header of that name."""
    for name, value in headers:
        if name == wanted:
            return value.decode("latin-1")
    return None
