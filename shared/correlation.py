"""The correlation id: by it one finds, in the logs of all services, what belongs together.

It is the trace id of the `traceparent` of a request, a record or a mail. A line about none of these
has the id of its process's run.
"""

import random
from collections.abc import MutableMapping, Sequence
from typing import Any, Final

from shared.tracing.context import parse

TRACEPARENT: Final = "traceparent"
_TRACE_BITS: Final = 192
# Seeded by the system. Trace ids need not be unguessable, so a fast generator is enough.
_RANDOM: Final = random.Random()  # noqa: S311


def correlation_id_of(traceparent: str | bytes | None) -> str:
    """Return the trace id of a trace context, or nothing if it is not one: it may be any text."""
    text = traceparent.decode("latin-1") if isinstance(traceparent, bytes) else traceparent
    context = parse(text or "")
    return context.trace if context else ""


def new_traceparent() -> str:
    """Return the trace context of a new trace, which nobody records."""
    ids = f"{_RANDOM.getrandbits(_TRACE_BITS):048x}"
    return f"00-{ids[:32]}-{ids[32:]}-00"


def carry(scope: MutableMapping[str, Any], traceparent: str) -> None:
    """Let what follows from a request follow from this context, that of its span."""
    scope.setdefault("state", {})[TRACEPARENT] = traceparent


def traceparent_of(scope: MutableMapping[str, Any]) -> str:
    """Return the trace context that the events of a request follow from.

    It is the span of the request. While tracing is off it is what the client sent, if that is
    valid, or a new trace. It costs nothing in a request that nobody asks about.
    """
    state: MutableMapping[str, Any] = scope.setdefault("state", {})
    if TRACEPARENT not in state:
        given = _header(scope["headers"])
        state[TRACEPARENT] = given if correlation_id_of(given) else new_traceparent()
    return str(state[TRACEPARENT])


def _header(headers: Sequence[tuple[bytes, bytes]]) -> str:
    for name, value in headers:
        if name == b"traceparent":
            return value.decode("latin-1")
    return ""
