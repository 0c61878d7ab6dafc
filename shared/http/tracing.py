"""The span of a request. It has the route, never the path, the query or the client's address."""

from http import HTTPStatus
from time import time_ns
from typing import TYPE_CHECKING, Final

from starlette.types import Scope

from shared.correlation import carry
from shared.tracing import current
from shared.tracing.context import parse
from shared.tracing.exemplar import exemplar
from shared.tracing.span import Attributes, Span, Times

if TYPE_CHECKING:
    from shared.tracing.tracer import Tracer

_TRACEPARENT: Final = b"traceparent"
# Asked every few seconds by machines.
_NOT_TRACED: Final = frozenset({"/livez", "/readyz", "/metrics"})


class RequestTrace:
    """The trace of one request that is being answered."""

    def __init__(self, tracer: "Tracer", scope: Scope) -> None:
        self._tracer = tracer
        self._began = time_ns()
        self._parent = parse(_header(scope))
        self._context = tracer.joined(self._parent, scope["method"])
        carry(scope, self._context.traceparent)

    @property
    def exemplar(self) -> dict[str, str] | None:
        """The exemplar of what is measured; `None` if the trace is not recorded."""
        return exemplar(self._context)

    def end(self, method: str, route: str, status: int) -> None:
        """Report the request, now that it is answered."""
        if not self._context.is_sampled:
            return
        failed = status >= HTTPStatus.INTERNAL_SERVER_ERROR
        about: Attributes = {
            "http.request.method": method,
            "http.route": route,
            "http.response.status_code": status,
            **({"error.type": str(status)} if failed else {}),
        }
        name, times = f"{method} {route}", Times.since(self._began)
        span = Span(name, "server", self._context, self._parent, times, about, (), failed)
        self._tracer.report(span._replace(from_afar=True))


def request_trace(scope: Scope) -> RequestTrace | None:
    """Return the trace of a request that begins now; `None` while tracing is off."""
    if current.tracer is None or scope["path"] in _NOT_TRACED:
        return None
    return RequestTrace(current.tracer, scope)


def _header(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == _TRACEPARENT:
            return str(value.decode("latin-1"))
    return ""
