"""Wiring of the service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from fastapi import FastAPI

from services.eligibility.assessments.answer import Assessor
from services.eligibility.assessments.openapi import describe_assessments
from services.eligibility.assessments.routes import AssessmentLimits
from services.eligibility.assessments.routes import router as assessments_router
from services.eligibility.handlers import build_handler, ruling_by
from services.eligibility.metrics import decision_metrics
from services.eligibility.rule_set import rule_set_of
from services.eligibility.rules.programme import Programme, load_programme
from services.eligibility.settings import SERVICE, EligibilitySettings
from services.eligibility.store.store import EligibilityStore
from shared.clock import utc_now
from shared.consumer.consumer import Subscription
from shared.decisions.routes import decisions_router
from shared.events.casework import RULINGS
from shared.events.eligibility import DECISIONS, PROGRAMME, EligibilityDecided
from shared.events.intake import APPLICATIONS
from shared.http.rate_limit import RateLimit
from shared.metrics import Metrics
from shared.mongo import is_reachable, open_database
from shared.rule_sets.publication import RuleSetPublication
from shared.service.app import Service
from shared.service.app import create_app as create_service_app
from shared.service.lifespan import consumer_running
from shared.settings import MongoSettings

PORT: Final = 8002
READS: Final = (APPLICATIONS, RULINGS)


def create_app() -> FastAPI:
    """Build the service from its environment; raises `SetupError` for a wrong programme file."""
    service = Service(SERVICE, Metrics(SERVICE))
    settings = EligibilitySettings()
    programme = load_programme(settings.programme_file)
    routers = [decisions_router(EligibilityDecided), assessments_router]
    app = create_service_app(service, partial(running, service, programme), routers)
    app.state.assessor = Assessor(programme)
    app.state.assessment_limits = AssessmentLimits(
        RateLimit(settings.assessments_per_minute), settings.max_body_bytes
    )
    describe_assessments(app)
    return app


@asynccontextmanager
async def running(service: Service, programme: Programme, app: FastAPI) -> AsyncIterator[None]:
    """Hold the service's resources open while it runs."""
    async with open_database(MongoSettings(), SERVICE, metrics=service.metrics) as database:
        store = EligibilityStore(database, ruling_by(programme))
        app.state.decisions = store.decisions
        service.readiness_checks["mongodb"] = lambda: is_reachable(database)
        count = decision_metrics(service.metrics, programme.version).count
        event_handler = build_handler(store, programme, utc_now, count)
        subscription = Subscription(SERVICE, READS, event_handler)
        rules = RuleSetPublication(database, rule_set_of(programme), service.metrics, utc_now)
        prepare = rules.first(store.prepare)
        owned = [DECISIONS, PROGRAMME]
        async with consumer_running(service, subscription, owned, prepare, rules.publish):
            yield
