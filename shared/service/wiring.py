"""The application of a service that does nothing but consume: wired from what it reads and handles.

A service with work of its own beside that wires itself, such as `services/recognition/app.py`.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Generic

from fastapi import APIRouter, FastAPI
from starlette.datastructures import State

from shared.consumer.consumer import ProposalT, StoredT, Subscription
from shared.consumer.handling import Handler
from shared.events.envelope import Topic
from shared.metrics import Metrics
from shared.mongo import Database, is_reachable, open_database
from shared.service.app import Service, create_app
from shared.service.lifespan import consumer_running
from shared.settings import MongoSettings


async def nothing_to_prepare() -> None:
    """Stand in for `prepare` in a service that needs no index."""


@dataclass(frozen=True, slots=True)
class Consumes(Generic[ProposalT, StoredT]):
    """What a service reads, how it handles that, and the topics that it owns.

    `prepare` is called before the first event, and repeated until its dependency is up.
    """

    reads: Sequence[Topic]
    handler: Handler[ProposalT, StoredT]
    owns: Sequence[Topic] = ()
    prepare: Callable[[], Awaitable[None]] = nothing_to_prepare


def app_with_database(
    name: str,
    wire: Callable[[Service, State, Database], Consumes[Any, Any]],
    routers: Iterable[APIRouter] = (),
) -> FastAPI:
    """Build the application of a service with a database of its own.

    `wire` is called at each start, before anything is connected; what routes need, it sets in the
    application's state.
    """
    service = Service(name, Metrics(name))

    @asynccontextmanager
    async def running(app: FastAPI) -> AsyncIterator[None]:
        async with open_database(MongoSettings(), name, metrics=service.metrics) as database:
            service.readiness_checks["mongodb"] = lambda: is_reachable(database)
            async with _consuming(service, wire(service, app.state, database)):
                yield

    return create_app(service, running, routers)


def app_without_database(
    name: str,
    wire: Callable[[Service, State], Consumes[Any, Any]],
    routers: Iterable[APIRouter] = (),
) -> FastAPI:
    """Build the application of a service that stores nothing; see `app_with_database`."""
    service = Service(name, Metrics(name))

    def running(app: FastAPI) -> AbstractAsyncContextManager[None]:
        return _consuming(service, wire(service, app.state))

    return create_app(service, running, routers)


def _consuming(service: Service, consumes: Consumes[Any, Any]) -> AbstractAsyncContextManager[None]:
    subscription = Subscription(service.name, consumes.reads, consumes.handler)
    return consumer_running(service, subscription, consumes.owns, consumes.prepare)
