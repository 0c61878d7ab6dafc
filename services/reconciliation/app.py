"""Wiring of the service, and the route that shows orphans."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated, Final

from fastapi import APIRouter, FastAPI, Query, Request

from services.reconciliation.handlers import build_handler
from services.reconciliation.rules import STAGES, Stage
from services.reconciliation.settings import SERVICE, ReconciliationSettings
from services.reconciliation.store import MongoExpectations, Orphan
from services.reconciliation.sweep import Sweep
from shared.clock import utc_now
from shared.consumer.consumer import Subscription
from shared.events.doors import Digits
from shared.events.eligibility import DECISIONS as ELIGIBILITY_DECISIONS
from shared.events.intake import APPLICATIONS
from shared.events.notify import NOTIFICATIONS
from shared.events.recognition import DECISIONS as RECOGNITION_DECISIONS
from shared.metrics import Metrics
from shared.mongo import is_reachable, open_database
from shared.service.app import Service
from shared.service.app import create_app as create_service_app
from shared.service.lifespan import background, consumer_running
from shared.settings import MongoSettings

PORT: Final = 8006
READS: Final = (APPLICATIONS, ELIGIBILITY_DECISIONS, RECOGNITION_DECISIONS, NOTIFICATIONS)
# Nobody waits for this service: most of what a batch expects is met in the same batch.
_GATHER_SECONDS: Final = 1.0

router = APIRouter(prefix="/v1", tags=["orphans"])


@dataclass(frozen=True, slots=True)
class Orphans:
    """The orphans at a time: their number by stage, and the first of them."""

    counted_at: datetime
    counts: Mapping[Stage, int]
    orphans: Sequence[Orphan]


@router.get("/orphans")
async def orphans(
    request: Request,
    stage: Stage | None = None,
    limit: Annotated[int, Digits, Query(ge=1, le=10_000)] = 100,
) -> Orphans:
    """Return versions of applications for which a stage is overdue, the longest known first."""
    expectations: MongoExpectations = request.app.state.expectations
    now = utc_now()
    latest = request.app.state.settings.latest(now)
    found: list[Orphan] = []
    for each in STAGES if stage is None else (stage,):
        if len(found) < limit:
            found += await expectations.find(each, latest[each], limit - len(found))
    return Orphans(now, await expectations.count(latest), found)


def create_app() -> FastAPI:
    """Build the service from its environment."""
    service = Service(SERVICE, Metrics(SERVICE))
    return create_service_app(service, partial(running, service), [router])


@asynccontextmanager
async def running(service: Service, app: FastAPI) -> AsyncIterator[None]:
    """Hold the service's resources open while it runs."""
    app.state.settings = settings = ReconciliationSettings()
    async with open_database(MongoSettings(), SERVICE, metrics=service.metrics) as database:
        app.state.expectations = expectations = MongoExpectations(database)
        service.readiness_checks["mongodb"] = lambda: is_reachable(database)
        sweep = Sweep(expectations, settings, service.metrics, utc_now)
        handler = build_handler(expectations, utc_now)
        subscription = Subscription(SERVICE, READS, handler, _GATHER_SECONDS)
        async with (
            background(sweep.run),
            consumer_running(service, subscription, [], expectations.prepare),
        ):
            yield
