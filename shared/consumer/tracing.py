"""The spans of one batch: one for each record, in its own trace, and one for the batch itself.

The records of a batch are decided and stored together, so their spans share these times. A span's
id is derived from its record: a batch that is handled again reports the same spans again.
"""

from collections.abc import Iterator, Sequence
from time import time_ns
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from shared.consumer.dead_letters import DeadLetter
from shared.consumer.parsing import ParsedBatch, ParsedRecord, trace_context
from shared.correlation import TRACEPARENT
from shared.events.envelope import Event
from shared.kafka.record import KafkaRecord
from shared.tracing import current
from shared.tracing.context import TraceContext, step
from shared.tracing.span import Attributes, Span, Times

if TYPE_CHECKING:
    from shared.tracing.tracer import Tracer

_DECIDE: Final = step(b"decide")
_STORE: Final = step(b"store")
_LETTER: Final = "cppp.dead_letter.reason"


class _Traced(NamedTuple):
    """A record of a sampled trace: the span that sent it, and the one that handles it."""

    record: KafkaRecord
    sender: TraceContext
    context: TraceContext
    attributes: Attributes


class _Part(NamedTuple):
    """What was decided together: when that began and ended, and when it was stored."""

    began: int
    decided: int
    stored: int
    documents: int


class BatchTrace:
    """The trace of one batch that is being handled."""

    def __init__(self, tracer: "Tracer", group: str) -> None:
        self._tracer = tracer
        self._group = group
        self._began = self._part_began = self._decided = time_ns()
        self._traced: list[_Traced] = []
        self._parts: dict[int, _Part] = {}

    def enter(self, batch: ParsedBatch[Any]) -> None:
        """Give every event of a recorded trace the context of its own span."""
        for number, (record, parsed) in enumerate(batch.parsed):
            if not isinstance(parsed, Event):
                continue
            if sender := self._tracer.recorded(parsed.traceparent):
                traced = self._trace(record, sender, parsed)
                event = parsed._replace(traceparent=traced.context.traceparent)
                batch.parsed[number] = (record, event)
        for letter in batch.dead_letters:
            header = trace_context(dict(letter.record.headers).get(TRACEPARENT))
            if sender := self._tracer.recorded(header):
                self._trace(letter.record, sender)

    def decided(self) -> None:
        """Note that a part is decided."""
        self._decided = time_ns()

    def stored(self, part: Sequence[ParsedRecord[Any]], documents: int) -> None:
        """Note that a part is stored, and how many documents that were."""
        noted = _Part(self._part_began, self._decided, time_ns(), documents)
        self._part_began = noted.stored
        for record, _ in part:
            self._parts[id(record)] = noted

    def end(self, batch: ParsedBatch[Any]) -> None:
        """Report all spans, once everything is stored and published."""
        if not self._traced:
            return
        batch.span, times = self._tracer.root(), Times.since(self._began)
        letters = {id(each.record): each for each in batch.dead_letters}
        for traced in self._traced:
            for span in self._spans(traced, times, letters.get(id(traced.record))):
                self._tracer.report(span)
        self._tracer.report(self._of_batch(batch, batch.span, times))

    def _trace(
        self, record: KafkaRecord, sender: TraceContext, event: Event[Any] | None = None
    ) -> _Traced:
        place = f"{self._group}/{record.topic}/{record.partition}/{record.offset}"
        context = sender.related(step(place.encode()))
        traced = _Traced(record, sender, context, self._attributes(record, event))
        self._traced.append(traced)
        return traced

    def _attributes(self, record: KafkaRecord, event: Event[Any] | None) -> Attributes:
        attributes: dict[str, str | int | bool] = {
            "messaging.system": "kafka",
            "messaging.operation.type": "process",
            "messaging.operation.name": "process",
            "messaging.destination.name": record.topic,
            "messaging.destination.partition.id": str(record.partition),
            "messaging.kafka.offset": record.offset,
            "messaging.consumer.group.name": self._group,
        }
        if event:
            attributes["cloudevents.event_type"] = event.type
            attributes["cppp.application.id"] = getattr(event.data, "application_id", "")
        return attributes

    def _spans(self, traced: _Traced, times: Times, letter: DeadLetter | None) -> Iterator[Span]:
        record, sender, context, about = traced
        if letter:
            about = {**about, _LETTER: letter.reason, "error.type": letter.reason}
        name, failed = f"process {record.topic}", letter is not None
        yield Span(name, "consumer", context, sender, times, about, (), failed, from_afar=True)
        if part := self._parts.get(id(record)):
            decided = Times(part.began, part.decided)
            yield Span("decide", "internal", context.related(_DECIDE), context, decided, {})
            if part.documents:
                stored = Times(part.decided, part.stored)
                about = self._about_store(part.documents)
                yield Span("store", "client", context.related(_STORE), context, stored, about)

    def _about_store(self, documents: int) -> Attributes:
        return {
            "db.system.name": "mongodb",
            "db.namespace": self._group,
            "db.operation.batch.size": documents,
        }

    def _of_batch(self, batch: ParsedBatch[Any], context: TraceContext, times: Times) -> Span:
        attributes: Attributes = {
            "messaging.system": "kafka",
            "messaging.operation.type": "process",
            "messaging.operation.name": "process",
            "messaging.batch.message_count": len(batch.records),
            "messaging.consumer.group.name": self._group,
            "cppp.batch.dead_letters": len(batch.dead_letters),
            "cppp.batch.skipped": batch.skipped,
        }
        links = [each.sender for each in self._traced]
        return Span("process batch", "consumer", context, None, times, attributes, links)


def batch_trace(group: str) -> BatchTrace | None:
    """Return the trace of a batch that begins now; `None` while tracing is off."""
    return BatchTrace(current.tracer, group) if current.tracer else None
