"""Wiring of the service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from fastapi import FastAPI

from services.recognition.handlers import CandidacyHandler, build_handler
from services.recognition.metrics import RecognitionMetrics
from services.recognition.routes import router
from services.recognition.rule_set import rule_set_of
from services.recognition.rules.scheme import Scheme, load_scheme
from services.recognition.settings import SERVICE, RecognitionSettings
from services.recognition.store.store import open_store
from services.recognition.sweep import Sweep
from shared.clock import utc_now
from shared.consumer.consumer import Subscription
from shared.decisions.routes import decisions_router
from shared.events.casework import RULINGS
from shared.events.intake import APPLICATIONS
from shared.events.recognition import DECISIONS, SCHEME, RecognitionDecided
from shared.kafka.progress import GroupProgress
from shared.metrics import Metrics
from shared.mongo import is_reachable, open_database
from shared.rule_sets.publication import RuleSetPublication
from shared.service.app import Service
from shared.service.app import create_app as create_service_app
from shared.service.lifespan import consumer_running, producer_running
from shared.settings import KafkaSettings, MongoSettings

PORT: Final = 8003
READS: Final = (APPLICATIONS, RULINGS)


def create_app() -> FastAPI:
    """Build the service from its environment; raises `SetupError` for a wrong scheme file."""
    service = Service(SERVICE, Metrics(SERVICE))
    scheme = load_scheme(RecognitionSettings().scheme_file)
    routers = [decisions_router(RecognitionDecided), router]
    return create_service_app(service, partial(running, service, scheme), routers)


@asynccontextmanager
async def running(service: Service, scheme: Scheme, app: FastAPI) -> AsyncIterator[None]:
    """Hold the service's resources open while it runs."""
    app.state.scheme = scheme
    metrics = RecognitionMetrics(service.metrics, scheme.version)
    async with open_database(MongoSettings(), SERVICE, metrics=service.metrics) as database:
        app.state.store = store = open_store(database)
        app.state.decisions = store.cases.decisions
        service.readiness_checks["mongodb"] = lambda: is_reachable(database)
        candidacies = CandidacyHandler(store, scheme, utc_now)
        progress = GroupProgress(KafkaSettings(), SERVICE, READS, utc_now)
        sweep = Sweep(
            store,
            scheme,
            utc_now,
            metrics,
            RecognitionSettings().sweep_seconds,
            progress.has_read_until,
        )
        subscription = Subscription(SERVICE, READS, build_handler(candidacies, metrics.count))
        rules = RuleSetPublication(database, rule_set_of(scheme), service.metrics, utc_now)
        prepare = rules.first(store.prepare)
        owned = [DECISIONS, SCHEME]
        async with (
            producer_running(service, [DECISIONS], rules.before(sweep.run)),
            consumer_running(service, subscription, owned, prepare, rules.publish),
        ):
            yield
