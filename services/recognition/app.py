"""Wiring of the service, and the decisions that it shows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from fastapi import FastAPI

from services.recognition.handlers import SERVICE, steps
from services.recognition.scheme import load_scheme
from services.recognition.settings import RecognitionSettings
from services.recognition.store import decisions_in
from shared.clock import utc_now
from shared.consuming import Subscription
from shared.decisions import DecisionMetrics, decisions_router
from shared.events.intake import APPLICATIONS
from shared.events.recognition import DECISIONS, RecognitionDecided
from shared.metrics import Metrics
from shared.mongo import is_reachable, open_database
from shared.service import Service, consuming
from shared.service import create_app as create_service_app
from shared.settings import MongoSettings

PORT: Final = 8003


def create_app() -> FastAPI:
    """Build the service from its environment."""
    service = Service(SERVICE, Metrics(SERVICE))
    return create_service_app(
        service, partial(running, service), [decisions_router(RecognitionDecided)]
    )


@asynccontextmanager
async def running(service: Service, app: FastAPI) -> AsyncIterator[None]:
    """Hold the service's resources open while it runs."""
    scheme = load_scheme(RecognitionSettings().scheme_file)
    async with open_database(MongoSettings(), SERVICE) as database:
        app.state.decisions = kept = decisions_in(database)
        service.needs["mongodb"] = lambda: is_reachable(database)
        count = DecisionMetrics(service.metrics, scheme.version).count
        subscription = Subscription(SERVICE, [APPLICATIONS], steps(kept, scheme, utc_now, count))
        async with consuming(service, subscription, [DECISIONS], kept.prepare):
            yield
