"""Observes the platform in the background while the service runs."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.datastructures import State

from services.operations.dead_letters.counting import DeadLetterCounts
from services.operations.dead_letters.metrics import DeadLetterMetrics
from services.operations.routes import Observer
from services.operations.sources.lag import LagSeen
from services.operations.sources.looking import Look
from services.operations.sources.settings import SourcesSettings
from shared.clock import utc_now
from shared.metrics import Metrics
from shared.service.lifespan import background
from shared.settings import KafkaSettings
from shared.waiting import running_until, sleep_unless_set


@asynccontextmanager
async def observing(
    metrics: Metrics, state: State, lag: Callable[[], LagSeen]
) -> AsyncIterator[None]:
    """Look at services, alerts and dead letters while the block runs; routes find them in `state`.

    No dependency is waited for: what does not answer is shown as away.
    """
    settings = SourcesSettings()
    letters = DeadLetterCounts(KafkaSettings())
    look = Look(settings, lag, utc_now)
    state.observer = Observer(look, letters, settings.runbooks, utc_now)
    shown = DeadLetterMetrics(metrics, letters, utc_now)

    async def keep_counting(closing: asyncio.Event) -> None:
        while not closing.is_set():
            await letters.refresh()
            shown.show()
            await sleep_unless_set(settings.look_seconds, closing)

    async def count(closing: asyncio.Event) -> None:
        try:
            async with running_until(closing, keep_counting(closing)):
                pass
        finally:
            await letters.close()

    async with background(look.run), background(count):
        yield
