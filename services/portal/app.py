"""Wiring of the service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from services.portal.handlers import PARSERS, build_handler
from services.portal.metrics import PortalMetrics
from services.portal.routes import router
from services.portal.settings import SERVICE, PortalSettings
from services.portal.site.read_until import ReadUntil
from services.portal.site.refreshing import Site
from services.portal.store import MongoFacts, MongoReadUntil
from shared.clock import utc_now
from shared.consumer.consumer import Subscription
from shared.events.content import ITEMS
from shared.events.eligibility import PROGRAMME
from shared.events.recognition import DECISIONS as RECOGNITION_DECISIONS
from shared.events.recognition import SCHEME
from shared.kafka.progress import GroupProgress
from shared.metrics import Metrics
from shared.mongo import Database, is_reachable, open_database
from shared.service.app import Service
from shared.service.app import create_app as create_service_app
from shared.service.lifespan import background, consumer_running
from shared.service.wiring import nothing_to_prepare
from shared.settings import KafkaSettings, MongoSettings

PORT: Final = 8000
READS: Final = (ITEMS, PROGRAMME, RECOGNITION_DECISIONS, SCHEME)
_ASKS_EVERY_SECONDS: Final = 5.0  # until when the topics are read
_SMALLEST_COMPRESSED: Final = 1_000  # bytes
# The site goes on with what it has in memory.
_OPTIONAL: Final = frozenset({"kafka", "mongodb", "consumer-group", "dependency"})


def create_app() -> FastAPI:
    """Build the service from its environment."""
    service = Service(SERVICE, Metrics(SERVICE), optional_checks=_OPTIONAL)
    app = create_service_app(service, partial(running, service), [router])
    app.add_middleware(GZipMiddleware, minimum_size=_SMALLEST_COMPRESSED, compresslevel=6)
    return app


@asynccontextmanager
async def running(service: Service, app: FastAPI) -> AsyncIterator[None]:
    """Hold the service's resources open while it runs."""
    metrics = PortalMetrics(service.metrics, PARSERS)
    async with open_database(MongoSettings(), SERVICE, metrics=service.metrics) as database:
        facts = MongoFacts(database)
        site = Site(facts, PortalSettings().refresh_seconds, utc_now)
        app.state.site, app.state.facts, app.state.now = site, facts, utc_now
        read_until = _read_until(database, site)
        app.state.as_of = read_until.as_of
        service.readiness_checks |= {
            "mongodb": lambda: is_reachable(database),
            "first-read": site.is_loaded,
        }
        subscription = Subscription(SERVICE, READS, build_handler(facts.keep, metrics.count))
        async with (
            background(site.run),
            background(read_until.run),
            consumer_running(service, subscription, (), nothing_to_prepare),
        ):
            yield


def _read_until(database: Database, site: Site) -> ReadUntil:
    progress = GroupProgress(KafkaSettings(), SERVICE, READS, utc_now)
    return ReadUntil(
        progress.has_read_until,
        MongoReadUntil(database),
        lambda: site.as_of,
        utc_now,
        _ASKS_EVERY_SECONDS,
    )
