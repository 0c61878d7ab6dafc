"""Counts and times HTTP requests, by route and never by path."""

import time
from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.metrics import Metrics


class HttpMetrics:
    """ASGI middleware for `cppp_http_requests_total` and `cppp_http_request_duration_seconds`."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; measure its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = int(HTTPStatus.INTERNAL_SERVER_ERROR)

        async def send_noting_status(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        started = time.perf_counter()
        try:
            await self._app(scope, receive, send_noting_status)
        finally:
            self._measure(scope, status, time.perf_counter() - started)

    def _measure(self, scope: Scope, status: int, seconds: float) -> None:
        # An unknown path must not become a label value: anybody can invent them.
        route = getattr(scope.get("route"), "path", "unknown")
        service = self._metrics.service
        self._metrics.http_requests.labels(service, route, scope["method"], str(status)).inc()
        self._metrics.http_seconds.labels(service, route).observe(seconds)
