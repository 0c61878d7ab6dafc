"""A span as a value, which needs no SDK."""

from collections.abc import Mapping, Sequence
from time import time_ns
from typing import Literal, NamedTuple

from shared.tracing.context import TraceContext

Attributes = Mapping[str, str | int | bool]
Kind = Literal["internal", "server", "client", "producer", "consumer"]


class Times(NamedTuple):
    """When something began and ended, in nanoseconds since 1970."""

    start: int
    end: int

    @classmethod
    def since(cls, start: int) -> "Times":
        """Return the time from `start` until now."""
        return cls(start, time_ns())


class Span(NamedTuple):
    """A span that has ended; without a parent it is the root of its trace.

    `from_afar` says that another process made the parent.
    """

    name: str
    kind: Kind
    context: TraceContext
    parent: TraceContext | None
    times: Times
    attributes: Attributes
    links: Sequence[TraceContext] = ()
    failed: bool = False
    from_afar: bool = False
