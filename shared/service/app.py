"""A service's HTTP application, with health and metrics, and its process.

HTTP starts first, so a service that waits for Kafka or MongoDB can report it: `/livez` answers
while the process works, `/readyz` lists what is missing.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import orjson
import structlog
import uvicorn
from fastapi import APIRouter, FastAPI, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shared import __version__
from shared.http.metrics import HttpMetrics
from shared.http.problems import add_problem_handlers
from shared.metrics import Metrics
from shared.service.logs import configure_logs
from shared.service.memory import share_one_heap, tune_garbage_collection
from shared.settings import HttpSettings, exit_if_wrong

log = structlog.get_logger()

_SHUTDOWN_SECONDS: Final = 5


@dataclass(slots=True)
class Service:
    """A running service: its name, its metrics and its readiness checks.

    If only `optional_checks` fail, the service stays ready and reports itself as degraded.
    `explanations` of failing checks are reported with them: codes, never data.
    """

    name: str
    metrics: Metrics
    readiness_checks: dict[str, Callable[[], Awaitable[bool]]] = field(default_factory=dict)
    optional_checks: frozenset[str] = frozenset()
    explanations: dict[str, Callable[[], str]] = field(default_factory=dict)

    async def waiting_for(self) -> list[str]:
        """Return the names of the readiness checks that fail now."""
        names = list(self.readiness_checks)
        met = await asyncio.gather(*(self.readiness_checks[name]() for name in names))
        return [name for name, is_met in zip(names, met, strict=True) if not is_met]

    def reasons(self, waiting_for: Iterable[str]) -> dict[str, str]:
        """Return the explanations of failing checks that have one."""
        told = {
            each: self.explanations[each]() for each in waiting_for if each in self.explanations
        }
        return {each: reason for each, reason in told.items() if reason}


def create_app(
    service: Service,
    running: Callable[[FastAPI], AbstractAsyncContextManager[None]],
    routers: Iterable[APIRouter] = (),
) -> FastAPI:
    """Build the service's application. `running` holds its resources open while it serves."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with running(app):
            tune_garbage_collection()
            log.info("service.started", version=__version__)
            yield
        log.info("service.stopped")

    app = FastAPI(title=f"cppp {service.name}", version=__version__, lifespan=lifespan)
    app.add_middleware(HttpMetrics, metrics=service.metrics)
    add_problem_handlers(app)
    app.include_router(_operations(service))
    for router in routers:
        app.include_router(router)
    return app


def _operations(service: Service) -> APIRouter:
    router = APIRouter(tags=["operations"])

    @router.get("/livez")
    async def livez() -> dict[str, str]:
        """Answer while the process works, also while it waits for a dependency."""
        return {"status": "alive"}

    @router.get("/readyz")
    async def readyz() -> Response:
        """Return whether the service can do its work now, and what it waits for."""
        waiting_for = await service.waiting_for()
        status, state = _readiness(service, waiting_for)
        body: dict[str, Any] = {"status": state, "waiting_for": waiting_for}
        if reasons := service.reasons(waiting_for):
            body["reasons"] = reasons
        return Response(orjson.dumps(body), status, media_type="application/json")

    @router.get("/metrics", response_class=PlainTextResponse)
    async def metrics() -> Response:
        """Return all metrics in Prometheus' text format."""
        return Response(generate_latest(service.metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return router


def _readiness(service: Service, waiting_for: list[str]) -> tuple[HTTPStatus, str]:
    if not waiting_for:
        return HTTPStatus.OK, "ready"
    if service.optional_checks.issuperset(waiting_for):
        return HTTPStatus.OK, "degraded"
    return HTTPStatus.SERVICE_UNAVAILABLE, "waiting"


def run(app: Callable[[], FastAPI], service: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT, then stop in order and return.

    Exits with one line for each wrong setting.
    """
    exit_if_wrong()
    share_one_heap()
    configure_logs(service)
    # uvicorn raises the signal again after it has stopped, which would make the exit code 143.
    signal.signal(signal.SIGTERM, lambda *_: None)
    signal.signal(signal.SIGINT, lambda *_: None)
    settings = HttpSettings()
    uvicorn.run(
        app,
        factory=True,
        host=settings.host,
        port=settings.port or port,
        loop="uvloop",
        http="httptools",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )
