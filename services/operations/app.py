"""Wiring of the service: it has no consumer group and no database, and publishes nothing."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from fastapi import FastAPI

from services.operations.holidays import show_holidays
from services.operations.metrics import LagMetrics
from services.operations.observing import observing
from services.operations.routes import router
from services.operations.settings import SERVICE, OperationsSettings
from services.operations.sources.lag import LagSeen, read_lag
from services.operations.watch import LagWatch
from shared.lag.reader import LagReader
from shared.metrics import Metrics
from shared.service.app import Service
from shared.service.app import create_app as create_service_app
from shared.service.lifespan import background
from shared.settings import KafkaSettings

PORT: Final = 8009
_OVERDUE_AFTER: Final = 2.0  # waits between two readings: a reading takes time itself


def create_app() -> FastAPI:
    """Build the service from its environment."""
    # Without Kafka the page still shows the services.
    service = Service(SERVICE, Metrics(SERVICE), optional_checks=frozenset({"kafka"}))
    return create_service_app(service, partial(running, service), [router])


@asynccontextmanager
async def running(service: Service, app: FastAPI) -> AsyncIterator[None]:
    """Hold the service's resources open while it runs."""
    seconds = OperationsSettings().refresh_seconds
    app.state.watch = watch = LagWatch(LagReader(KafkaSettings()), service.metrics, seconds)
    service.readiness_checks["kafka"] = watch.is_current
    current = _OVERDUE_AFTER * seconds
    LagMetrics(service.metrics, lambda: watch.lags, current)
    show_holidays(service.metrics)

    def lag() -> LagSeen:
        return read_lag(watch.lags, watch.lags.clock(time.time(), current))

    async with background(watch.run), observing(service.metrics, app.state, lag):
        yield
