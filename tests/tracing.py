"""Tracing in the process of the tests, without a collector."""

from typing import Any

from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.sampling import DEFAULT_ON, Sampler
from opentelemetry.trace import SpanContext

from shared.tracing import current
from shared.tracing.context import Switch
from shared.tracing.tracer import Tracer

SENDER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
ANOTHER_SENDER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
UNSAMPLED = f"{SENDER[:-2]}00"


class Spans(SpanProcessor):
    """Keeps what is reported, in order."""

    def __init__(self) -> None:
        self.ended: list[ReadableSpan] = []

    def on_end(self, span: ReadableSpan) -> None:
        self.ended.append(span)

    @property
    def names(self) -> list[str]:
        return [each.name for each in self.ended]

    def named(self, name: str) -> list[ReadableSpan]:
        return [each for each in self.ended if each.name == name]


def recording(monkeypatch: Any, sampler: Sampler = DEFAULT_ON) -> Spans:
    """Switch tracing on until the end of the test."""
    spans = Spans()
    tracer = Tracer(TracerProvider(sampler), spans)
    monkeypatch.setattr(current, "tracer", tracer)
    monkeypatch.setattr(Switch, "recorded", tracer.recorded)
    return spans


def traceparent(span: ReadableSpan) -> str:
    """Return the context of a span as a header."""
    return _header(span.context)


def parent_of(span: ReadableSpan) -> str:
    """Return the context of the parent of a span as a header; empty for a root."""
    return _header(span.parent) if span.parent else ""


def _header(context: SpanContext) -> str:
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"
