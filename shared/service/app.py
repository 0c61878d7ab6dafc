"""A service's HTTP application, with health, metrics and documentation.

HTTP starts first, so a service that waits for Kafka or MongoDB can report it: `/livez` answers
while the process works, `/readyz` lists what is missing.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import orjson
import structlog
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client.exposition import choose_encoder

from shared import __version__
from shared.error_fields import error_fields
from shared.http.metrics import HttpMetrics, count_failures_from_zero
from shared.http.openapi import DESCRIPTION, describe_common_responses
from shared.http.pages import documentation_pages
from shared.http.problems import add_problem_handlers
from shared.http.representations import Representations
from shared.http.trailing_slash import TrailingSlash
from shared.metrics import Metrics
from shared.service.memory import tune_garbage_collection
from shared.service.readiness_log import ReadinessLog

log = structlog.get_logger()
_LOOK_SECONDS: Final = 5.0
_METRICS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"application/openmetrics-text": {"schema": {"type": "string"}}}}
}


@dataclass(slots=True)
class Service:
    """A running service: its name, its metrics, the rules that it applies, its readiness checks.

    If only `optional_checks` fail, the service stays ready and reports itself as degraded. Of a
    service that answers without its dependencies, name the `required_checks` instead: all others
    are optional then, also those that are added while it runs, such as why its consumer halted.
    `explanations` of failing checks are reported with them: codes, never data.
    """

    name: str
    metrics: Metrics
    rule_version: str = ""
    readiness_checks: dict[str, Callable[[], Awaitable[bool]]] = field(default_factory=dict)
    optional_checks: frozenset[str] = frozenset()
    required_checks: frozenset[str] | None = None
    explanations: dict[str, Callable[[], str]] = field(default_factory=dict)

    async def waiting_for(self) -> list[str]:
        """Return the names of the readiness checks that fail now."""
        names = list(self.readiness_checks)
        met = await asyncio.gather(*(self.readiness_checks[name]() for name in names))
        return [name for name, is_met in zip(names, met, strict=True) if not is_met]

    def is_ready_without(self, waiting_for: Iterable[str]) -> bool:
        """Return whether the service can work while these checks fail."""
        if self.required_checks is None:
            return self.optional_checks.issuperset(waiting_for)
        return self.required_checks.isdisjoint(waiting_for)

    def reasons(self, waiting_for: Iterable[str]) -> dict[str, str]:
        """Return the explanations of failing checks that have one."""
        told = {
            each: self.explanations[each]() for each in waiting_for if each in self.explanations
        }
        return {each: reason for each, reason in told.items() if reason}


@asynccontextmanager
async def _failure_logged() -> AsyncIterator[None]:
    """Log an error of the start or the stop: the server would write it with its text."""
    try:
        yield
    except Exception as error:
        # Log: The service could not start, or not stop in order.
        log.critical("service.failed", **error_fields(error))
        raise


@asynccontextmanager
async def readiness_shown(service: Service) -> AsyncIterator[None]:
    """Show the readiness checks as metrics while the block runs."""
    showing = asyncio.create_task(_show_readiness(service))
    try:
        yield
    finally:
        showing.cancel()
        await asyncio.wait({showing})


async def _show_readiness(service: Service) -> None:
    readiness = ReadinessLog(time.monotonic)
    while True:
        waiting_for = await service.waiting_for()
        for each in service.readiness_checks:
            service.metrics.waiting_for.labels(service.name, each).set(each in waiting_for)
        readiness.look(waiting_for, service.reasons(waiting_for))
        await asyncio.sleep(_LOOK_SECONDS)


def create_app(
    service: Service,
    running: Callable[[FastAPI], AbstractAsyncContextManager[None]],
    routers: Iterable[APIRouter] = (),
) -> FastAPI:
    """Build the service's application. `running` holds its resources open while it serves."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with _failure_logged(), running(app), readiness_shown(service):
            tune_garbage_collection()
            rules = {"rule_version": service.rule_version} if service.rule_version else {}
            # Log: The service has read its settings and begins to work. `correlation_id` is that of
            # all lines of this run that are about nothing else, `rule_version` the rules in force.
            log.info("service.started", version=__version__, **rules)
            yield
        # Log: The service has stopped as asked, with all effects confirmed.
        log.info("service.stopped")

    app = FastAPI(
        title=(title := f"cppp {service.name}"),
        version=__version__,
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,  # the framework's pages load their scripts from other hosts
        redoc_url=None,
        redirect_slashes=False,
        # Its spans have the query. Ours are those of `HttpMetrics`, see docs/tracing.md.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    app.state.metrics = service.metrics
    app.add_middleware(Representations)
    app.add_middleware(TrailingSlash)
    app.add_middleware(HttpMetrics, metrics=service.metrics)  # the last one is the outermost
    add_problem_handlers(app)
    for router in (_operations(service), documentation_pages(title), *routers):
        app.include_router(router)
        count_failures_from_zero(service.metrics, router.routes)
    describe_common_responses(app)
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

    @router.get("/metrics", response_class=PlainTextResponse, responses=_METRICS)
    async def metrics(request: Request) -> Response:
        """Return all metrics in Prometheus' text format, or as OpenMetrics if asked for."""
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(
            encode(service.metrics.registry),
            headers={"Content-Type": content_type, "Vary": "Accept"},
        )

    return router


def _readiness(service: Service, waiting_for: list[str]) -> tuple[HTTPStatus, str]:
    if not waiting_for:
        return HTTPStatus.OK, "ready"
    if service.is_ready_without(waiting_for):
        return HTTPStatus.OK, "degraded"
    return HTTPStatus.SERVICE_UNAVAILABLE, "waiting"
