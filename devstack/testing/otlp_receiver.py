"""The program of the OTLP receiver: `python -m devstack.testing.otlp_receiver FILE PORT`.

Takes traces as any OpenTelemetry collector does (OTLP/HTTP, protobuf), by the message types that
OpenTelemetry publishes, and appends each span to FILE as one line of JSON.
"""

import gzip
import signal
import sys
import threading
from collections.abc import Iterable, Iterator
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import orjson
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from typing_extensions import override

from devstack.stack.ports import LOCALHOST

_PATH: Final = "/v1/traces"
_MEDIA_TYPE: Final = "application/x-protobuf"
_ANSWER: Final = ExportTraceServiceResponse().SerializeToString()


class SpanFile:
    """A file of spans, appended to by the threads of the server."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab")
        self._lock = threading.Lock()

    def append(self, request: ExportTraceServiceRequest) -> None:
        """Append all spans of an export; they can be read on return."""
        lines = b"".join(
            orjson.dumps(each, option=orjson.OPT_APPEND_NEWLINE) for each in spans_of(request)
        )
        with self._lock:
            self._file.write(lines)
            self._file.flush()


def spans_of(request: ExportTraceServiceRequest) -> Iterator[dict[str, Any]]:
    """Yield the spans of an export, each with the attributes of its resource."""
    for by_resource in request.resource_spans:
        resource = _attributes(by_resource.resource.attributes)
        for by_scope in by_resource.scope_spans:
            for span in by_scope.spans:
                yield _span(span, resource) | {"scope": by_scope.scope.name}


def _span(span: Span, resource: dict[str, Any]) -> dict[str, Any]:
    return {
        "trace_id": span.trace_id.hex(),
        "span_id": span.span_id.hex(),
        "parent_id": span.parent_span_id.hex(),
        "name": span.name,
        "kind": Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_").lower(),
        "start_ns": span.start_time_unix_nano,
        "end_ns": span.end_time_unix_nano,
        "status": span.status.code,
        "status_message": span.status.message,
        "attributes": _attributes(span.attributes),
        "events": [
            {"name": each.name, "attributes": _attributes(each.attributes)} for each in span.events
        ],
        "links": [
            {"trace_id": each.trace_id.hex(), "span_id": each.span_id.hex()} for each in span.links
        ],
        "resource": resource,
    }


def _attributes(pairs: Iterable[KeyValue]) -> dict[str, Any]:
    return {each.key: _value(each.value) for each in pairs}


def _value(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(each) for each in value.array_value.values]
    if kind == "kvlist_value":
        return _attributes(value.kvlist_value.values)
    return getattr(value, kind) if kind else None


class Handler(BaseHTTPRequestHandler):
    """Answers one connection."""

    protocol_version = "HTTP/1.1"

    def __init__(self, file: SpanFile, *connection: Any) -> None:
        self._spans = file
        super().__init__(*connection)

    def do_POST(self) -> None:
        """Take an export."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path != _PATH or self.headers.get("Content-Type") != _MEDIA_TYPE:
            self._answer(HTTPStatus.NOT_FOUND)
            return
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self._spans.append(ExportTraceServiceRequest.FromString(body))
        self._answer(HTTPStatus.OK, _ANSWER)

    def _answer(self, status: HTTPStatus, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Type", _MEDIA_TYPE)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing."""


def main(path: str, port: str) -> None:
    """Take spans until SIGTERM."""
    handler = partial(Handler, SpanFile(Path(path)))
    server = ThreadingHTTPServer((LOCALHOST, int(port)), handler)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
