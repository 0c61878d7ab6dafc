"""The spans of records that are published."""

from collections.abc import Sequence
from time import time_ns
from typing import TYPE_CHECKING, Final

from shared.correlation import TRACEPARENT
from shared.events.envelope import Outgoing
from shared.tracing import current
from shared.tracing.context import TraceContext, step
from shared.tracing.span import Attributes, Span, Times

if TYPE_CHECKING:
    from shared.tracing.tracer import Tracer

_EVENT_ID: Final = "ce_id"
# A copy of a record for operators or for one group alone: the record's own context is its parent.
_COPIES: Final = (".dead-letters.v1", ".redrives.v1")


class PublishTrace:
    """The spans of one call to publish; nothing while tracing is off."""

    def __init__(self) -> None:
        self._tracer = current.tracer
        self._began = time_ns() if self._tracer else 0

    def end(self, events: Sequence[Outgoing]) -> None:
        """Report a span for each event of a recorded trace, now that all are confirmed."""
        if self._tracer is None:
            return
        times = Times.since(self._began)
        for event in events:
            if found := spans_of(event, self._tracer):
                name, about = f"send {event.topic}", _about(event.topic)
                self._tracer.report(Span(name, "producer", *found, times, about))


def spans_of(event: Outgoing, tracer: "Tracer") -> tuple[TraceContext, TraceContext] | None:
    """Return the span that sends an event, and its parent; `None` if they are not recorded."""
    header = _header(event, TRACEPARENT).decode(errors="replace")
    if not header or (sender := tracer.recorded(header)) is None:
        return None
    if event.topic.endswith(_COPIES):
        return tracer.child(sender), sender
    return sender, sender.related(step(_header(event, _EVENT_ID)))


def _header(event: Outgoing, wanted: str) -> bytes:
    for name, value in reversed(event.headers):  # our own events have their trace last
        if name == wanted:
            return value or b""
    return b""


def _about(topic: str) -> Attributes:
    return {
        "messaging.system": "kafka",
        "messaging.operation.type": "send",
        "messaging.operation.name": "send",
        "messaging.destination.name": topic,
    }
