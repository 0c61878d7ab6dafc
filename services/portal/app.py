"""Wiring of the service."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from services.portal.api import statistics as statistics_api
from services.portal.api import toolbox
from services.portal.guard.protection import protect
from services.portal.handlers import PARSERS, build_handler
from services.portal.metrics import PortalMetrics
from services.portal.routes import router
from services.portal.self_check.running import self_check_running
from services.portal.settings import SERVICE, PortalSettings
from services.portal.site.images import Images
from services.portal.site.read_until import ReadUntil
from services.portal.site.refreshing import Site
from services.portal.statistics.counting import Statistics
from services.portal.statistics.store import MongoApplications
from services.portal.store import MongoFacts, MongoReadUntil
from shared.clock import utc_now
from shared.consumer.consumer import Subscription
from shared.events import eligibility, recognition
from shared.events.content import ITEMS
from shared.events.intake import APPLICATIONS
from shared.kafka.progress import GroupProgress
from shared.metrics import Metrics
from shared.mongo import Database, is_reachable, open_database
from shared.service.app import Service
from shared.service.app import create_app as create_service_app
from shared.service.lifespan import background, consumer_running
from shared.service.wiring import nothing_to_prepare
from shared.settings import KafkaSettings, MongoSettings

PORT: Final = 8000
READS: Final = (
    ITEMS,
    eligibility.PROGRAMME,
    recognition.SCHEME,
    APPLICATIONS,
    eligibility.DECISIONS,
    recognition.DECISIONS,
)
_ASKS_EVERY_SECONDS: Final = 5.0  # until when the topics are read
_SMALLEST_COMPRESSED: Final = 1_000  # bytes
_FIRST_READ: Final = "first-read"
# With what it has in memory the site goes on, whatever else is away.
_REQUIRED: Final = frozenset({_FIRST_READ})


def create_app() -> FastAPI:
    """Build the service from its environment."""
    service = Service(SERVICE, Metrics(SERVICE), required_checks=_REQUIRED)
    routers = [toolbox.router, statistics_api.router, router]
    app = create_service_app(service, partial(running, service), routers)
    app.add_middleware(GZipMiddleware, minimum_size=_SMALLEST_COMPRESSED, compresslevel=6)
    protect(app, PortalSettings())
    return app


@asynccontextmanager
async def running(service: Service, app: FastAPI) -> AsyncIterator[None]:
    """Hold the service's resources open while it runs."""
    metrics, settings = PortalMetrics(service.metrics, PARSERS), PortalSettings()
    app.state.intake_public_url = settings.intake_public_url
    async with (
        self_check_running(settings, service.metrics) as app.state.self_check,
        open_database(MongoSettings(), SERVICE, metrics=service.metrics) as database,
    ):
        facts, applications = MongoFacts(database), MongoApplications(database)
        seconds, failed = settings.refresh_seconds, metrics.refresh_failed
        read_until = _read_until(database, failed)
        site = Site(facts, seconds, utc_now, failed, read_until.at)
        statistics = Statistics(applications, seconds, utc_now, failed, read_until.at)
        metrics.show_ages(
            content=lambda: site.as_of,
            statistics=lambda: statistics.as_of,
            shown=lambda: site.read_until,
        )
        metrics.show_items(site.number_of)
        images = Images(facts.content, site, settings.image_bytes, failed)
        app.state.site, app.state.images, app.state.now = site, images, utc_now
        app.state.statistics = statistics
        service.readiness_checks |= {
            "mongodb": lambda: is_reachable(database),
            _FIRST_READ: site.is_loaded,
        }
        handler = build_handler(facts, applications, metrics.count)
        subscription = Subscription(SERVICE, READS, handler)
        async with (
            background(site.run),
            background(statistics.run),
            background(images.run),
            background(read_until.run),
            consumer_running(service, subscription, (), nothing_to_prepare),
        ):
            yield


def _read_until(database: Database, failed: Callable[[], None]) -> ReadUntil:
    progress = GroupProgress(KafkaSettings(), SERVICE, READS, utc_now)
    memory = MongoReadUntil(database)
    return ReadUntil(progress.has_read_until, memory, utc_now, _ASKS_EVERY_SECONDS, failed)
