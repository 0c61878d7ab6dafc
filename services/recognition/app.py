"""Wiring of the service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from fastapi import FastAPI

from services.recognition.handlers import SERVICE, Keeping, steps
from services.recognition.metrics import RecognitionMetrics
from services.recognition.record import record_in
from services.recognition.routes import router
from services.recognition.scheme import load_scheme
from services.recognition.settings import RecognitionSettings
from services.recognition.sweep import Sweep
from shared.clock import utc_now
from shared.consuming import Subscription
from shared.decisions import decisions_router
from shared.events.casework import RULINGS
from shared.events.intake import APPLICATIONS
from shared.events.recognition import DECISIONS, RecognitionDecided
from shared.metrics import Metrics
from shared.mongo import is_reachable, open_database
from shared.service import Service, consuming, publishing
from shared.service import create_app as create_service_app
from shared.settings import MongoSettings

PORT: Final = 8003
READS: Final = (APPLICATIONS, RULINGS)


def create_app() -> FastAPI:
    """Build the service from its environment."""
    service = Service(SERVICE, Metrics(SERVICE))
    routers = [decisions_router(RecognitionDecided), router]
    return create_service_app(service, partial(running, service), routers)


@asynccontextmanager
async def running(service: Service, app: FastAPI) -> AsyncIterator[None]:
    """Hold the service's resources open while it runs."""
    settings = RecognitionSettings()
    app.state.scheme = scheme = load_scheme(settings.scheme_file)
    metrics = RecognitionMetrics(service.metrics, scheme.version)
    async with open_database(MongoSettings(), SERVICE) as database:
        app.state.record = record = record_in(database)
        app.state.decisions = record.cases.decisions
        service.needs["mongodb"] = lambda: is_reachable(database)
        keeping = Keeping(record, scheme, utc_now)
        sweep = Sweep(record, scheme, utc_now, metrics, settings.sweep_seconds)
        subscription = Subscription(SERVICE, READS, steps(keeping, metrics.count))
        async with (
            publishing(service, [DECISIONS], sweep.run),
            consuming(service, subscription, [DECISIONS], record.prepare),
        ):
            yield
