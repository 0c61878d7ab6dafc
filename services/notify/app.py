"""Wiring of the service, and the route that shows notifications."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, FastAPI, Request

from services.notify.handlers import build_handler
from services.notify.settings import SERVICE, NotifySettings, SmtpSettings
from services.notify.store.documents import Status
from services.notify.store.notifications import MongoNotifications
from services.notify.wiring import build_components
from shared.consumer.consumer import Subscription
from shared.events.casework import RULINGS
from shared.events.eligibility import DECISIONS as ELIGIBILITY_DECISIONS
from shared.events.intake import APPLICATIONS, CONTACTS
from shared.events.notify import NOTIFICATIONS
from shared.events.recognition import DECISIONS as RECOGNITION_DECISIONS
from shared.http.ids import PathId
from shared.http.openapi import problem_response
from shared.http.problems import Problem
from shared.metrics import Metrics
from shared.mongo import is_reachable, open_database
from shared.service.app import Service
from shared.service.app import create_app as create_service_app
from shared.service.lifespan import background, consumer_running, producer_running
from shared.settings import MongoSettings

PORT: Final = 8004
MAIL_SERVER: Final = "mail-server"
READS: Final = (APPLICATIONS, CONTACTS, ELIGIBILITY_DECISIONS, RECOGNITION_DECISIONS, RULINGS)

router = APIRouter(prefix="/v1", tags=["notifications"])


@router.get(
    "/notifications/{application_id}",
    responses={HTTPStatus.NOT_FOUND: problem_response("No message is known for it yet.")},
)
async def notifications(application_id: PathId, request: Request) -> Sequence[Status]:
    """Return an application's notifications and their status, without any address."""
    store: MongoNotifications = request.app.state.notifications
    found = await store.of(application_id)
    if not found:
        raise Problem(
            HTTPStatus.NOT_FOUND,
            "no-notification",
            "No message is known for this application: it may still be on its way. Ask again soon.",
        )
    return found


def create_app() -> FastAPI:
    """Build the service from its environment."""
    # Without a mail server the rest of the service works, and nothing is lost.
    service = Service(SERVICE, Metrics(SERVICE), optional_checks=frozenset({MAIL_SERVER}))
    return create_service_app(service, partial(running, service), [router])


@asynccontextmanager
async def running(service: Service, app: FastAPI) -> AsyncIterator[None]:
    """Hold the service's resources open while it runs."""
    server = SmtpSettings().server
    async with open_database(MongoSettings(), SERVICE, metrics=service.metrics) as database:
        parts = build_components(database, server, NotifySettings(), service.metrics)
        app.state.notifications = parts.stores.notifications
        service.readiness_checks["mongodb"] = lambda: is_reachable(database)
        service.readiness_checks[MAIL_SERVER] = parts.sender.status.is_usable
        service.explanations[MAIL_SERVER] = lambda: parts.sender.status.reason
        subscription = Subscription(SERVICE, READS, build_handler(parts.handler))
        async with (
            producer_running(service, [NOTIFICATIONS], parts.outbox.run),
            background(parts.outbox.watch),
            background(parts.watch),
            background(parts.sender.run),
            consumer_running(service, subscription, [NOTIFICATIONS], parts.prepare),
        ):
            yield
