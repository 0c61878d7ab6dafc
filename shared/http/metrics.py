"""Counts and times HTTP requests, by route and never by path; logs those that hit a defect."""

import time
from collections.abc import Iterable
from http import HTTPStatus
from itertools import product
from typing import Final

import structlog
from fastapi.routing import APIRoute
from prometheus_client import Counter, Histogram
from starlette.requests import ClientDisconnect
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.correlation import correlation_id_of, traceparent_of
from shared.error_fields import error_fields
from shared.http.tracing import RequestTrace, request_trace
from shared.metrics import Metrics

log = structlog.get_logger()

_FAILURES: Final = (HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.SERVICE_UNAVAILABLE)


def count_failures_from_zero(metrics: Metrics, routes: Iterable[BaseRoute]) -> None:
    """Let the counters of failed requests begin at 0: `rate` does not see a first value."""
    for route in routes:
        if isinstance(route, APIRoute):
            for method, status in product(route.methods or (), _FAILURES):
                labels = (metrics.service, route.path, method, str(int(status)))
                metrics.http_requests.labels(*labels)


class HttpMetrics:
    """ASGI middleware for `cppp_http_*` and `cppp_inflight`."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics
        self._hot: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and measure its response."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = int(HTTPStatus.INTERNAL_SERVER_ERROR)

        async def send_noting_status(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        started = time.perf_counter()
        trace = request_trace(scope)
        self._metrics.in_flight += 1
        try:
            await self._answer(scope, receive, send_noting_status)
        finally:
            self._metrics.in_flight -= 1
            self._measure(scope, status, time.perf_counter() - started, trace)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})  # one for all copies that are made of the scope
        try:
            await self._app(scope, receive, send)
        except ClientDisconnect:  # nobody is left to be answered, and nothing is wrong here
            raise
        except Exception as error:
            _report(scope, error)
            raise

    def _measure(
        self, scope: Scope, status: int, seconds: float, trace: RequestTrace | None
    ) -> None:
        # An unknown path must not become a label value: a client can send any number of them.
        route = _route(scope)
        counted, timed = self._children(route, scope["method"], status)
        counted.inc()
        if trace is None:
            timed.observe(seconds)
        else:
            timed.observe(seconds, trace.exemplar)
            trace.end(scope["method"], route, status)

    def _children(self, route: str, method: str, status: int) -> tuple[Counter, Histogram]:
        key = (route, method, status)
        if key not in self._hot:
            service = self._metrics.service
            self._hot[key] = (
                self._metrics.http_requests.labels(service, route, method, str(status)),
                self._metrics.http_seconds.labels(service, route),
            )
        return self._hot[key]


def _route(scope: Scope) -> str:
    return getattr(scope.get("route"), "path", "unknown")


def _report(scope: Scope, error: Exception) -> None:
    # Log: A request hit a defect and was answered with 500. The problem document of the client has
    # the same `correlation_id`.
    log.error(
        "http.request_failed",
        correlation_id=correlation_id_of(traceparent_of(scope)),
        route=_route(scope),
        method=scope["method"],
        **error_fields(error),
    )
