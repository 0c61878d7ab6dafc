"""Reads a request: idempotency key, trace context, and that it has no body."""

import random
import re
from typing import Final

from starlette.types import Receive, Scope

from services.intake.http.problems import body_not_wanted, key_invalid, key_missing
from shared.http.json_bodies import RawHeaders, chunks_of
from shared.http.tracing import span_of
from shared.tracing.context import parse

_TRACE_BITS: Final = 192
# Seeded by the system. Trace ids need not be unguessable, so a fast generator is enough.
_RANDOM: Final = random.Random()  # noqa: S311

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


def traceparent_of(scope: Scope) -> str:
    """Return the trace context that the events of a request follow from.

    It is the span of the request. While tracing is off it is what the client sent, or a new trace.
    """
    if span := span_of(scope):
        return span.traceparent
    return trace_of(header_of(scope["headers"], b"traceparent"))


def header_of(headers: RawHeaders, wanted: bytes) -> str | None:
    """Return the first header of that name."""
    for name, value in headers:
        if name == wanted:
            return value.decode("latin-1")
    return None


def trace_of(header: str | None) -> str:
    """Return a valid `traceparent` unchanged, or that of a new trace, which nobody records."""
    if header and parse(header):
        return header
    ids = f"{_RANDOM.getrandbits(_TRACE_BITS):048x}"
    return f"00-{ids[:32]}-{ids[32:]}-00"
