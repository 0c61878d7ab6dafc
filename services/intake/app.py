"""Wiring of the service."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from fastapi import FastAPI
from starlette.datastructures import State
from starlette.types import ASGIApp
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from services.intake.access.admission import Admission, RequestLimits
from services.intake.access.authentication import Authenticator
from services.intake.access.ids import Identity
from services.intake.access.in_flight import InFlightRequests
from services.intake.bulk.routes import router as bulk_router
from services.intake.bulk.service import BulkService
from services.intake.changes.routes import router as change_router
from services.intake.changes.service import ChangeService
from services.intake.metrics import IntakeMetrics
from services.intake.settings import SERVICE, IntakeSettings
from services.intake.store.api_keys import MongoApiKeys
from services.intake.store.applications import MongoApplications
from services.intake.store.versions import MongoVersions
from services.intake.submission.openapi import describe_submissions
from services.intake.submission.routes import FastPath, router
from services.intake.submission.service import SubmissionService
from services.intake.submission.writer import Writer
from shared.clock import utc_now
from shared.events.intake import APPLICATIONS, CONTACTS
from shared.http.rate_limit import RateLimit
from shared.kafka.publisher import KafkaPublisher
from shared.metrics import Metrics
from shared.mongo import Database, is_reachable, open_database
from shared.outbox.relay import Outbox
from shared.service.app import Service
from shared.service.app import create_app as create_service_app
from shared.service.lifespan import background, producer_running
from shared.settings import MongoSettings

__all__ = ["PORT", "SERVICE", "create_app"]

PORT: Final = 8001
_MANY_AT_ONCE: Final = "To submit many applications, use /v1/applications:batch."
_BEHIND_PROXIES: Final[Any] = ProxyHeadersMiddleware  # has ASGI types of its own


@dataclass(frozen=True, slots=True)
class _Writing:
    """What every accepted request goes through."""

    writer: Writer
    outbox: Outbox
    metrics: IntakeMetrics


def create_app(database: str = SERVICE) -> FastAPI:
    """Build the service from its environment."""
    settings = IntakeSettings()
    service = Service(SERVICE, Metrics(SERVICE), optional_checks=frozenset({"kafka"}))
    routers = [router, bulk_router, change_router]
    app = create_service_app(service, partial(_running, service, settings, database), routers)
    describe_submissions(app)
    app.middleware_stack = _outermost(app, service, settings)
    return app


def _outermost(app: FastAPI, service: Service, settings: IntakeSettings) -> ASGIApp:
    fast_path = FastPath(app.build_middleware_stack(), service.metrics)
    if not settings.trusted_proxies:
        return fast_path
    proxied: ASGIApp = _BEHIND_PROXIES(fast_path, trusted_hosts=settings.trusted_proxies)
    return proxied


@asynccontextmanager
async def _running(
    service: Service, settings: IntakeSettings, database_name: str, app: FastAPI
) -> AsyncIterator[None]:
    """Hold the service's resources open while it runs."""
    async with open_database(MongoSettings(), database_name, metrics=service.metrics) as database:
        service.readiness_checks["mongodb"] = lambda: is_reachable(database)
        applications = MongoApplications(database["applications"])
        outbox = Outbox(applications.outbox, service.metrics, utc_now)
        writer = Writer(
            applications,
            outbox,
            max_waiting=settings.max_waiting_requests,
            seconds=settings.accept_seconds,
        )
        metrics = IntakeMetrics(service.metrics)
        _add_services(app.state, settings, database, _Writing(writer, outbox, metrics))
        async with _outbox_running(outbox, service), writer.running():
            yield


def _add_services(
    state: State,
    settings: IntakeSettings,
    database: Database,
    writing: _Writing,
) -> None:
    """Put what the routes use on the application's state."""
    metrics = writing.metrics
    identity = Identity(settings.id_secret.get_secret_value())
    in_flight = InFlightRequests(metrics)
    limits = RequestLimits(
        body_bytes=settings.max_body_bytes,
        of_keys=RateLimit(settings.key_per_minute, advice=_MANY_AT_ONCE),
        of_addresses=RateLimit(settings.anonymous_per_minute, advice=_MANY_AT_ONCE),
    )
    authenticator = Authenticator(
        MongoApiKeys(database["clients"]).find,
        allow_anonymous=settings.allow_anonymous,
        cache_seconds=settings.key_cache_seconds,
    )
    state.admission = Admission(authenticator, metrics, limits)
    state.submissions = SubmissionService(identity, writing.writer, in_flight, metrics, utc_now)
    state.bulk = BulkService(state.submissions, limits.of_keys, limits.body_bytes)
    state.versions = MongoVersions(database["applications"])
    state.changes = ChangeService(
        identity,
        state.versions,
        writing.outbox,
        in_flight,
        metrics,
        utc_now,
        settings.accept_seconds,
    )


@asynccontextmanager
async def _outbox_running(outbox: Outbox, service: Service) -> AsyncIterator[None]:
    """Relay the outbox while the service runs, and update its gauges."""

    async def publish(publisher: KafkaPublisher, closing: asyncio.Event) -> None:
        service.readiness_checks["kafka"] = outbox.is_publishing
        await outbox.run(publisher, closing)

    async with (
        background(outbox.watch),
        producer_running(service, [APPLICATIONS, CONTACTS], publish),
    ):
        yield
