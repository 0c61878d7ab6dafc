"""Trace context of a request (W3C Trace Context), so that its events can be followed."""

import re
import secrets
from typing import Final

_VALID: Final = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
)


def trace_of(header: str | None) -> str:
    """Keep a valid `traceparent`; begin a new trace otherwise."""
    if header and _VALID.fullmatch(header):
        return header
    begun = secrets.token_hex(24)
    return f"00-{begun[:32]}-{begun[32:]}-01"
