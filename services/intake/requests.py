"""Reads a request: idempotency key, media type, and no more of the body than is allowed."""

import re
from typing import Final

from fastapi import Request
from starlette.requests import ClientDisconnect

from services.intake.refusals import (
    body_cut_off,
    body_not_wanted,
    body_too_large,
    key_invalid,
    key_missing,
    unsupported_media_type,
)

_VISIBLE_ASCII: Final = re.compile(r"[\x21-\x7e]{1,255}")
_JSON: Final = re.compile(r'application/json *(; *charset="?utf-8"?)? *;?', re.IGNORECASE)


def idempotency_key(request: Request) -> str:
    """Take the one key; raises the problem that says what is wrong with it."""
    keys = request.headers.getlist("idempotency-key")
    if len(keys) != 1 or not keys[0]:
        raise key_missing()
    if not _VISIBLE_ASCII.fullmatch(keys[0]):
        raise key_invalid()
    return keys[0]


async def json_body(request: Request, limit_bytes: int) -> bytes:
    """Read a body that is declared to be JSON.

    Stops at the limit, whatever length is declared, so that nobody can fill the memory.
    """
    headers = request.headers
    if not _JSON.fullmatch(headers.get("content-type", "")) or "content-encoding" in headers:
        raise unsupported_media_type()
    if int(headers.get("content-length", 0)) > limit_bytes:
        raise body_too_large(limit_bytes)
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit_bytes:
                raise body_too_large(limit_bytes)
    except ClientDisconnect:
        raise body_cut_off() from None
    return bytes(body)


async def no_body(request: Request) -> None:
    """Check that a request has no body; raises the problem that says so."""
    try:
        async for chunk in request.stream():
            if chunk:
                raise body_not_wanted()
    except ClientDisconnect:
        raise body_cut_off() from None
