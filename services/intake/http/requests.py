"""Reads a request: idempotency key, media type, and no more of the body than is allowed.

Works on what the server hands over, as `starlette.requests.Request` costs more than all of it.
"""

import random
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

_VALID: Final = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
)
_BITS: Final = 192
# Seeded by the system. It tells traces apart and guards nothing, so it need not ask each time.
_RANDOM: Final = random.Random()  # noqa: S311

RawHeaders = Sequence[tuple[bytes, bytes]]

_VISIBLE_ASCII: Final = re.compile(rb"[\x21-\x7e]{1,255}")
_JSON: Final = re.compile(rb'application/json *(; *charset="?utf-8"?)? *;?', re.IGNORECASE)


def idempotency_key(headers: RawHeaders) -> str:
    """Take the one key; raises the problem that says what is wrong with it."""
    keys = [value for name, value in headers if name == b"idempotency-key"]
    if len(keys) != 1 or not keys[0]:
        raise key_missing()
    if not is_key(keys[0]):
        raise key_invalid()
    return keys[0].decode()


def is_key(text: bytes) -> bool:
    """Tell whether this can be an idempotency key."""
    return _VISIBLE_ASCII.fullmatch(text) is not None


async def json_body(headers: RawHeaders, receive: Receive, limit_bytes: int) -> bytes:
    """Read a body that is declared to be JSON.

    Stops at the limit, whatever length is declared, so that nobody can fill the memory.
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
    return bytes(body)


def is_declared(headers: Mapping[bytes, bytes], as_type: re.Pattern[bytes]) -> bool:
    """Tell whether a body is declared to be of a type, and not to be packed."""
    declared = headers.get(b"content-type", b"")
    return as_type.fullmatch(declared) is not None and b"content-encoding" not in headers


async def no_body(receive: Receive) -> None:
    """Check that a request has no body; raises the problem that says so."""
    async for chunk in chunks_of(receive):
        if chunk:
            raise body_not_wanted()


async def chunks_of(receive: Receive) -> AsyncIterator[bytes]:
    """Read a body as it comes; raises the problem that answers a client that went away."""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise body_cut_off()
        more = message.get("more_body", False)
        yield message.get("body", b"")


def trace_of(header: str | None) -> str:
    """Keep a valid `traceparent`; begin a new trace otherwise."""
    if header and _VALID.fullmatch(header):
        return header
    begun = f"{_RANDOM.getrandbits(_BITS):048x}"
    return f"00-{begun[:32]}-{begun[32:]}-01"
