"""The receiver takes what OpenTelemetry's own exporter sends."""

import pytest
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import Link, SpanKind

from devstack.stack.folder import StackFolder
from devstack.stack.ports import LOCALHOST, free_ports
from devstack.stack.stack import Stack
from devstack.testing.otlp import breaks, otlp_receiver, outline, received_spans, traces
from tests.factories import a_span


@pytest.fixture(scope="module")
def receiver(tmp_path_factory):
    folder = tmp_path_factory.mktemp("otlp")
    ports = free_ports(["otlp"])
    file = folder / "spans.ndjson"
    with Stack(StackFolder(folder / "stack"), ports, [otlp_receiver(file, ports["otlp"])]):
        yield f"http://{LOCALHOST}:{ports['otlp']}/v1/traces", file


@pytest.fixture
def provider(receiver):
    provider = TracerProvider(resource=Resource.create({"service.name": "intake"}))
    provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(receiver[0])))
    yield provider
    provider.shutdown()


def test_spans_can_be_read_once_they_are_exported(receiver, provider):
    tracer = provider.get_tracer("test")
    with tracer.start_as_current_span("another") as another:
        pass
    with (
        tracer.start_as_current_span("POST", kind=SpanKind.SERVER) as root,
        tracer.start_as_current_span("write", attributes={"db.system.name": "mongodb", "n": 2}),
        tracer.start_as_current_span("batch", links=[Link(another.get_span_context())]),
    ):
        pass
    found = traces(received_spans(receiver[1]))[f"{root.get_span_context().trace_id:032x}"]

    assert [each.name for each in found] == ["POST", "write", "batch"]
    post, write, batch = found
    assert (post.kind, post.service, post.parent_id) == ("server", "intake", "")
    assert (write.parent_id, write.kind) == (post.span_id, "internal")
    assert write.attributes == {"db.system.name": "mongodb", "n": 2}
    context = another.get_span_context()
    assert batch.links == [(f"{context.trace_id:032x}", f"{context.span_id:016x}")]
    assert post.start_ns <= write.start_ns <= write.end_ns <= post.end_ns
    assert breaks(found) == []


def test_a_tree_has_one_root_and_every_parent():
    tree = [a_span("a"), a_span("b", "a"), a_span("c", "b")]
    assert breaks(tree) == []
    assert breaks([*tree, tree[-1]]) == []  # handled again
    assert breaks([*tree, a_span("d", "x")]) == ["no parent of d"]
    assert breaks([*tree, a_span("e")]) == ["2 roots: ['a', 'e']"]
    assert breaks(tree[1:]) == ["no parent of b", "0 roots: []"]


def test_a_tree_is_shown_with_its_times():
    tree = [a_span("POST", end_ns=2_000_001), a_span("write", "POST"), a_span("send", "write")]

    assert outline([*tree, tree[-1]]).splitlines() == [
        "POST (intake, 2.0 ms)",
        "  write (intake, 0.0 ms)",
        "    send (intake, 0.0 ms)",
    ]
