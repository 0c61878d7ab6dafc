"""Trace context of a request (W3C Trace Context), so that its events can be followed."""

import random
import re
from typing import Final

_VALID: Final = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
)
_BITS: Final = 192
# Seeded by the system. It tells traces apart and guards nothing, so it need not ask each time.
_RANDOM: Final = random.Random()  # noqa: S311


def trace_of(header: str | None) -> str:
    """Keep a valid `traceparent`; begin a new trace otherwise."""
    if header and _VALID.fullmatch(header):
        return header
    begun = f"{_RANDOM.getrandbits(_BITS):048x}"
    return f"00-{begun[:32]}-{begun[32:]}-01"
