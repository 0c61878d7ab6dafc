"""An OpenTelemetry collector for tests: a program that takes OTLP, and the spans that it got.

It is built on the message types that OpenTelemetry publishes. Zipkin, which can be had by Maven
coordinate, has no links between traces, so it would lose what a batch is linked to; the collectors
with all of OTLP need Docker or a compiler.
"""

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from devstack.stack.ports import LOCALHOST, accepts_connections
from devstack.stack.program import Program, Stage


@dataclass(frozen=True, slots=True)
class Span:
    """A span as it was received. `links` are pairs of a trace id and a span id."""

    trace_id: str
    span_id: str
    parent_id: str
    name: str
    kind: str
    service: str
    start_ns: int
    end_ns: int
    status: int
    attributes: Mapping[str, Any]
    links: Sequence[tuple[str, str]]


def otlp_receiver(file: Path, port: int) -> Program:
    """Return the receiver; it appends each span to `file` as a line of JSON."""
    return Program(
        name="otlp",
        command=(sys.executable, "-m", "devstack.testing.otlp_receiver", str(file), str(port)),
        is_ready=lambda: accepts_connections(port),
        stage=Stage.INFRASTRUCTURE,
    )


def tracing_to(port: int) -> dict[str, str]:
    """Return the environment in which a service sends its traces there, without delay."""
    return {
        "OTEL_TRACES_EXPORTER": "otlp",
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{LOCALHOST}:{port}",
        "OTEL_BSP_SCHEDULE_DELAY": "200",
    }


def received_spans(file: Path) -> list[Span]:
    """Return the spans that the receiver has written to `file`, in the order of their arrival."""
    return list(_read(file.read_bytes().splitlines(keepends=True))) if file.exists() else []


def _read(lines: Iterable[bytes]) -> Iterator[Span]:
    for line in lines:
        if line.endswith(b"\n"):  # the last one may not be complete yet
            yield _span(orjson.loads(line))


def _span(read: dict[str, Any]) -> Span:
    return Span(
        **{name: read[name] for name in Span.__slots__ if name not in {"service", "links"}},
        service=read["resource"].get("service.name", ""),
        links=[(each["trace_id"], each["span_id"]) for each in read["links"]],
    )


def traces(spans: Iterable[Span]) -> dict[str, list[Span]]:
    """Return the spans of each trace, the earliest first."""
    found: dict[str, list[Span]] = defaultdict(list)
    for each in sorted(spans, key=lambda span: span.start_ns):
        found[each.trace_id].append(each)
    return dict(found)


def breaks(trace: Sequence[Span]) -> list[str]:
    """Return why the spans of a trace are not one tree; nothing if they are.

    A span that arrived repeatedly, because its record was handled repeatedly, counts once.
    """
    known = {each.span_id: each for each in trace}
    roots = [each.name for each in known.values() if not each.parent_id]
    orphans = [each.name for each in known.values() if each.parent_id not in {"", *known}]
    found = [f"no parent of {name}" for name in orphans]
    return found if len(roots) == 1 else [*found, f"{len(roots)} roots: {sorted(roots)}"]


def outline(trace: Sequence[Span]) -> str:
    """Return a tree as text: each span below its parent, with its service and its milliseconds."""
    spans = list({each.span_id: each for each in trace}.values())
    lines: list[str] = []

    def add(parent_id: str, depth: int) -> None:
        for each in sorted(spans, key=lambda span: span.start_ns):
            if each.parent_id == parent_id:
                milliseconds = (each.end_ns - each.start_ns) / 1e6
                lines.append(f"{'  ' * depth}{each.name} ({each.service}, {milliseconds:.1f} ms)")
                add(each.span_id, depth + 1)

    add("", 0)
    return "\n".join(lines)
