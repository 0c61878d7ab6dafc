"""W3C trace contexts, and the ids of spans that follow from others.

Every event carries the context of the span that sends it. That span's id is derived from its
parent's and the event's id, so that whoever publishes the event, at once or after an outage, names
the same span and the same parent; nothing but the event has to be stored.
"""

import re
from collections.abc import Callable
from hashlib import blake2b
from typing import Final, NamedTuple

_FORM: Final = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})"
)
_UNSAMPLED: Final = frozenset("02468ace")  # the last digit of flags whose lowest bit is not set


class TraceContext(NamedTuple):
    """One span as others refer to it."""

    trace_id: int
    span_id: int
    is_sampled: bool

    @property
    def trace(self) -> str:
        """The trace id as text."""
        return f"{self.trace_id:032x}"

    @property
    def traceparent(self) -> str:
        """The context as a header."""
        return f"00-{self.trace_id:032x}-{self.span_id:016x}-{self.is_sampled:02x}"

    def related(self, by: int) -> "TraceContext":
        """Return the span that this one leads to by a step; from that one, return this one."""
        return TraceContext(self.trace_id, self.span_id ^ by or by, self.is_sampled)


def step(name: bytes) -> int:
    """Return the step of a name, such as the id of an event; see `TraceContext.related`."""
    return int.from_bytes(blake2b(name, digest_size=8).digest())


def parse(traceparent: str) -> TraceContext | None:
    """Parse a header; `None` unless it is one as in W3C Trace Context."""
    found = _FORM.fullmatch(traceparent)
    if found is None:
        return None
    return TraceContext(int(found[1], 16), int(found[2], 16), bool(int(found[3], 16) & 1))


def sampled(traceparent: str) -> TraceContext | None:
    """Parse a header of a sampled trace; `None` for any other."""
    if not traceparent or traceparent[-1] in _UNSAMPLED:
        return None
    return parse(traceparent)


class Switch:
    """Which traces this process records; set once at start, if it records any."""

    recorded: Callable[[str], TraceContext | None] | None = None


def sent(traceparent: str, event_id: str) -> str:
    """Return the context of the span that sends an event of the span with `traceparent`.

    If this process does not record the trace it is that span's own.
    """
    if Switch.recorded is None or (context := Switch.recorded(traceparent)) is None:
        return traceparent
    return context.related(step(event_id.encode())).traceparent
