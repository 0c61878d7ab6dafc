"""Wiring of the service."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from fastapi import FastAPI
from starlette.middleware import Middleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from services.intake.acceptance import SERVICE
from services.intake.authentication import Authenticator
from services.intake.bulk_desk import BulkDesk
from services.intake.bulk_routes import router as bulk_router
from services.intake.change_routes import router as change_router
from services.intake.changes import ChangeDesk
from services.intake.desk import Desk
from services.intake.identity import Identity
from services.intake.metrics import IntakeMetrics
from services.intake.openapi import describe_submissions
from services.intake.progress import InProgress
from services.intake.rate_limit import RateLimit
from services.intake.reception import Limits, Reception
from services.intake.routes import ShortCut, router
from services.intake.settings import IntakeSettings
from services.intake.store import MongoApiKeys, MongoApplications
from services.intake.versions import MongoVersions
from services.intake.writer import Writer
from shared.clock import utc_now
from shared.events.intake import APPLICATIONS, CONTACTS
from shared.metrics import Metrics
from shared.mongo import Database, is_reachable, open_database
from shared.outbox import Outbox
from shared.publishing import KafkaPublisher
from shared.service import Service, background, publishing
from shared.service import create_app as create_service_app
from shared.settings import MongoSettings

__all__ = ["PORT", "SERVICE", "create_app"]

PORT: Final = 8001


def create_app(database: str = SERVICE) -> FastAPI:
    """Build the service from its environment."""
    settings = IntakeSettings()
    service = Service(SERVICE, Metrics(SERVICE), can_do_without=frozenset({"kafka"}))
    routers = [router, bulk_router, change_router]
    app = create_service_app(service, partial(_running, service, settings, database), routers)
    describe_submissions(app)
    app.user_middleware.append(Middleware(ShortCut))  # inside of what counts requests
    if settings.trusted_proxies:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=settings.trusted_proxies)
    return app


@asynccontextmanager
async def _running(
    service: Service, settings: IntakeSettings, database_name: str, app: FastAPI
) -> AsyncIterator[None]:
    """Hold the service's resources open while it runs."""
    async with open_database(MongoSettings(), database_name) as database:
        service.needs["mongodb"] = lambda: is_reachable(database)
        applications = MongoApplications(database["applications"])
        outbox = Outbox(applications.outbox, service.metrics, utc_now)
        writer = Writer(
            applications,
            outbox,
            max_waiting=settings.max_waiting_requests,
            seconds=settings.accept_seconds,
        )
        app.state.reception = _reception(
            settings, database, writer, outbox, IntakeMetrics(service.metrics)
        )
        async with _emptied(outbox, service), writer.running():
            yield


def _reception(
    settings: IntakeSettings,
    database: Database,
    writer: Writer,
    outbox: Outbox,
    metrics: IntakeMetrics,
) -> Reception:
    identity = Identity(settings.id_secret.get_secret_value())
    versions = MongoVersions(database["applications"])
    in_progress = InProgress(metrics)
    desk = Desk(identity, writer, in_progress, metrics, utc_now)
    limits = Limits(
        body_bytes=settings.max_body_bytes,
        of_keys=RateLimit(settings.key_per_minute),
        of_addresses=RateLimit(settings.anonymous_per_minute),
    )
    return Reception(
        authenticator=Authenticator(
            MongoApiKeys(database["clients"]).find,
            allow_anonymous=settings.allow_anonymous,
            remember_seconds=settings.key_cache_seconds,
        ),
        desk=desk,
        bulk=BulkDesk(desk, limits.of_keys, limits.body_bytes),
        changes=ChangeDesk(
            identity, versions, outbox, in_progress, metrics, utc_now, settings.accept_seconds
        ),
        versions=versions,
        metrics=metrics,
        limits=limits,
    )


@asynccontextmanager
async def _emptied(outbox: Outbox, service: Service) -> AsyncIterator[None]:
    """Publish what is kept for as long as the service runs, and show how much waits."""

    async def publish(publisher: KafkaPublisher, closing: asyncio.Event) -> None:
        service.needs["kafka"] = outbox.is_publishing
        await outbox.run(publisher, closing)

    async with background(outbox.watch), publishing(service, [APPLICATIONS, CONTACTS], publish):
        yield
