"""What is recorded is decided by OpenTelemetry's samplers."""

import pytest
from opentelemetry.sdk.trace.sampling import (
    ALWAYS_OFF,
    ALWAYS_ON,
    DEFAULT_OFF,
    DEFAULT_ON,
    ParentBasedTraceIdRatio,
    TraceIdRatioBased,
)

from shared.tracing import current
from shared.tracing.context import parse
from shared.tracing.exemplar import exemplar
from shared.tracing.span import Span, Times
from tests.tracing import SENDER, UNSAMPLED, recording


@pytest.mark.parametrize(
    ("sampler", "of_sampled", "of_unsampled", "of_new"),
    [
        (DEFAULT_ON, True, False, True),
        (DEFAULT_OFF, True, False, False),
        (ParentBasedTraceIdRatio(0), True, False, False),
        (ALWAYS_ON, True, True, True),
        (ALWAYS_OFF, False, False, False),
        (TraceIdRatioBased(0), False, False, False),
        (TraceIdRatioBased(1), True, True, True),
    ],
)
def test_a_sampler_decides_what_is_recorded(monkeypatch, sampler, of_sampled, of_unsampled, of_new):
    recording(monkeypatch, sampler)
    tracer = current.tracer

    assert (tracer.recorded(SENDER) is not None) is of_sampled
    assert (tracer.recorded(UNSAMPLED) is not None) is of_unsampled
    assert tracer.joined(parse(SENDER), "POST").is_sampled is of_sampled
    assert tracer.joined(parse(UNSAMPLED), "POST").is_sampled is of_unsampled
    assert tracer.joined(None, "POST").is_sampled is of_new
    assert tracer.recorded("no context") is None


def test_a_span_goes_on_in_the_trace_of_its_parent(spans):
    parent = parse(SENDER)
    context = current.tracer.joined(parent, "POST")
    current.tracer.report(
        Span("POST", "server", context, parent, Times(1, 2), {"http.route": "/"}, (), failed=True)
    )

    [span] = spans.ended
    assert (span.context.trace_id, span.context.span_id) == (context.trace_id, context.span_id)
    assert span.parent.span_id == parent.span_id
    assert context.trace_id == parent.trace_id
    assert context.span_id != parent.span_id
    assert (span.start_time, span.end_time) == (1, 2)
    assert span.attributes == {"http.route": "/"}
    assert span.status.status_code.name == "ERROR"


def test_only_a_recorded_trace_is_an_exemplar():
    assert exemplar(parse(SENDER)) == {"trace_id": "0af7651916cd43dd8448eb211c80319c"}
    assert exemplar(parse(UNSAMPLED)) is None
    assert exemplar(None) is None
