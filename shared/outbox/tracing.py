"""The spans of a write of documents with events."""

from collections.abc import Iterable, Sequence
from time import time_ns

from shared.events.envelope import Outgoing
from shared.kafka.tracing import spans_of
from shared.tracing import current
from shared.tracing.span import Attributes, Span, Times


class WriteTrace:
    """The spans of one write; nothing while tracing is off."""

    def __init__(self, service: str, collection: str) -> None:
        self._tracer = current.tracer
        self._service = service
        self._collection = collection
        self._began = time_ns() if self._tracer else 0

    def end(self, documents: Iterable[Sequence[Outgoing]]) -> None:
        """Report a span for each document, in the trace of its events, now that all are stored."""
        if self._tracer is None:
            return
        times, written = Times.since(self._began), list(documents)
        about: Attributes = {
            "db.system.name": "mongodb",
            "db.operation.name": "insert",
            "db.namespace": self._service,
            "db.collection.name": self._collection,
            "db.operation.batch.size": len(written),
        }
        for events in written:
            if events and (found := spans_of(events[0], self._tracer)):
                context, name = self._tracer.child(found[1]), f"insert {self._collection}"
                self._tracer.report(Span(name, "client", context, found[1], times, about))
