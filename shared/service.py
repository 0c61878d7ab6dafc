"""A service's shell: HTTP with health and metrics first, everything else as it becomes available.

HTTP answers before Kafka and MongoDB do, so a service that waits for them can be asked what it
waits for: `/livez` says that the process works, `/readyz` what is missing.
"""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

import orjson
import structlog
import uvicorn
from fastapi import APIRouter, FastAPI, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shared import __version__
from shared.clock import utc_now
from shared.consuming import Consumer, KeptT, ProposalT, Subscription, die
from shared.ending import ended_by
from shared.errors import AbandonedError
from shared.events.envelope import Topic, dead_letter_topic
from shared.http_metrics import HttpMetrics
from shared.logs import configure_logs
from shared.memory import keep_memory_in_one_place, tune_garbage_collection
from shared.metrics import Metrics
from shared.problems import answer_with_problems
from shared.publishing import KafkaPublisher, open_publisher
from shared.retry import until_done
from shared.settings import ConsumerSettings, HttpSettings, KafkaSettings, complaints
from shared.topics import provide_topics

log = structlog.get_logger()

_SHUTDOWN_SECONDS: Final = 5


@dataclass(slots=True)
class Service:
    """One running service: its name, its metrics, and what it needs in order to be ready.

    Of its needs it `can_do_without` some for a while: it stays ready without them, but degraded.
    """

    name: str
    metrics: Metrics
    needs: dict[str, Callable[[], Awaitable[bool]]] = field(default_factory=dict)
    can_do_without: frozenset[str] = frozenset()

    async def waiting_for(self) -> list[str]:
        """Name the needs that are not met at the moment."""
        names = list(self.needs)
        met = await asyncio.gather(*(self.needs[name]() for name in names))
        return [name for name, is_met in zip(names, met, strict=True) if not is_met]


def create_app(
    service: Service,
    running: Callable[[FastAPI], AbstractAsyncContextManager[None]],
    routers: Iterable[APIRouter] = (),
) -> FastAPI:
    """Build the service's application. `running` holds its resources open while it runs."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with running(app):
            tune_garbage_collection()
            log.info("service.started", version=__version__)
            yield
        log.info("service.stopped")

    app = FastAPI(title=f"cppp {service.name}", version=__version__, lifespan=lifespan)
    app.add_middleware(HttpMetrics, metrics=service.metrics)
    answer_with_problems(app)
    app.include_router(_operations(service))
    for router in routers:
        app.include_router(router)
    return app


def _operations(service: Service) -> APIRouter:
    router = APIRouter(tags=["operations"])

    @router.get("/livez")
    async def livez() -> dict[str, str]:
        """Tell that the process answers; it also does while it waits for a dependency."""
        return {"status": "alive"}

    @router.get("/readyz")
    async def readyz() -> Response:
        """Tell whether the service can do its work now, and if not what it waits for."""
        waiting_for = await service.waiting_for()
        status, state = _readiness(service, waiting_for)
        body = {"status": state, "waiting_for": waiting_for}
        return Response(orjson.dumps(body), status, media_type="application/json")

    @router.get("/metrics", response_class=PlainTextResponse)
    async def metrics() -> Response:
        """Give all metrics in Prometheus' text format."""
        return Response(generate_latest(service.metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return router


def _readiness(service: Service, waiting_for: list[str]) -> tuple[HTTPStatus, str]:
    if not waiting_for:
        return HTTPStatus.OK, "ready"
    if service.can_do_without.issuperset(waiting_for):
        return HTTPStatus.OK, "degraded"
    return HTTPStatus.SERVICE_UNAVAILABLE, "waiting"


@asynccontextmanager
async def background(work: Callable[[asyncio.Event], Awaitable[None]]) -> AsyncIterator[None]:
    """Run `work` beside what is inside; on leaving set its event and wait for its end.

    An error in it ends the process: a service without its work must not look alive.
    """
    closing = asyncio.Event()

    async def guarded() -> None:
        try:
            await work(closing)
        except AbandonedError:
            pass
        except Exception as error:  # noqa: BLE001  # see above
            die(error)

    task = asyncio.create_task(guarded())
    try:
        yield
    finally:
        closing.set()
        await task


async def _not_yet() -> bool:
    return False


@asynccontextmanager
async def publishing(
    service: Service,
    owned: Iterable[Topic],
    use: Callable[[KafkaPublisher, asyncio.Event], Awaitable[None]],
) -> AsyncIterator[None]:
    """Connect to Kafka in the background, however long it takes; then hand the publisher over.

    Creates the topics of `owned` first. `use` runs until its event is set.
    """
    settings = KafkaSettings()

    async def work(closing: asyncio.Event) -> None:
        await until_done(lambda: provide_topics(settings, owned), closing)
        async with AsyncExitStack() as stack:
            publisher = await until_done(
                lambda: stack.enter_async_context(open_publisher(settings)), closing
            )
            service.needs["kafka"] = publisher.is_reachable
            await use(publisher, closing)

    service.needs["kafka"] = _not_yet
    async with background(work):
        yield


@asynccontextmanager
async def consuming(
    service: Service,
    subscription: Subscription[ProposalT, KeptT],
    owned: Iterable[Topic],
    prepare: Callable[[], Awaitable[None]],
) -> AsyncIterator[None]:
    """Consume a subscription in the background; on leaving, finish and commit what is in hand.

    `prepare` is called before the first event, and again until its dependency is up. A consumer
    that halts is stopped and named by `/readyz`, while the process lives on for a person to look.
    """
    topics = [*owned, *subscription.all_topics, dead_letter_topic(subscription.group)]

    async def use(publisher: KafkaPublisher, closing: asyncio.Event) -> None:
        settings = (KafkaSettings(), ConsumerSettings())
        consumer = Consumer(settings, subscription, publisher, service.metrics, utc_now)
        await until_done(prepare, closing)
        await until_done(consumer.start, closing)

        async def is_member() -> bool:
            return consumer.has_joined

        service.needs["consumer-group"] = is_member
        service.needs["dependency"] = consumer.is_getting_on
        async with ended_by(closing, consumer.halted()):
            pass
        await consumer.stop()
        if consumer.halted_because:
            service.needs[consumer.halted_because] = _not_yet
            await closing.wait()

    async with publishing(service, topics, use):
        yield


def run(app: Callable[[], FastAPI], service: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT, then stop in order and return.

    Wrong settings end the program with a line for each variable.
    """
    if wrong := list(complaints()):
        sys.exit("\n".join(wrong))
    keep_memory_in_one_place()
    configure_logs(service)
    # uvicorn raises the signal again when it is done; without this the exit code would be 143.
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
