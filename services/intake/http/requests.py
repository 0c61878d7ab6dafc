"""Reads a request: its idempotency key, and that it has no body."""

import re
from typing import Final

from starlette.types import Receive

from services.intake.http.problems import body_not_wanted, key_invalid, key_missing
from shared.http.json_bodies import RawHeaders, chunks_of

_VISIBLE_ASCII: Final = re.compile(rb"[\x21-\x7e]{1,255}")


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


async def no_body(receive: Receive) -> None:
    """Check that a request has no body; raises `Problem` if it has one."""
    async for chunk in chunks_of(receive):
        if chunk:
            raise body_not_wanted()
