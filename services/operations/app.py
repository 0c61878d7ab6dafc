"""Wiring of the service: it has no consumer group and no database, and publishes nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from fastapi import FastAPI

from services.operations.observing import observing
from services.operations.routes import router
from services.operations.settings import SERVICE
from shared.metrics import Metrics
from shared.service.app import Service
from shared.service.app import create_app as create_service_app

PORT: Final = 8009


def create_app() -> FastAPI:
    """Build the service from its environment."""
    service = Service(SERVICE, Metrics(SERVICE))
    return create_service_app(service, partial(running, service), [router])


@asynccontextmanager
async def running(service: Service, app: FastAPI) -> AsyncIterator[None]:
    """Hold the service's resources open while it runs."""
    async with observing(service.metrics, app.state):
        yield
