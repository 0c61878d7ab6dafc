"""The loop that reads lags: what is left of them while Kafka is away."""

import asyncio
from contextlib import asynccontextmanager

from services.operations.watch import NO_LAGS, LagWatch
from shared.errors import TransientError
from shared.lag.model import Lags
from shared.metrics import Metrics
from shared.service.lifespan import background
from tests.waiting import DEADLINE_SECONDS, eventually_async


class Reader:
    """Answers with what it is given, in order; an error stands for a Kafka that is away."""

    def __init__(self, *answers: Lags | None) -> None:
        self.answers = [*answers]
        self.closed = False

    async def read(self):
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer is None:
            raise TransientError
        return answer

    async def close(self):
        self.closed = True


@asynccontextmanager
async def watching(reader):
    watch = LagWatch(reader, Metrics("operations"), refresh_seconds=0.01)
    async with asyncio.timeout(DEADLINE_SECONDS), background(watch.run):
        yield watch


async def test_figures_stay_while_kafka_is_away_and_the_service_is_not_ready():
    async with watching(Reader(Lags(at=5.0), None)) as watch:
        await eventually_async(lambda: watch.lags.at == 5.0)
        await eventually_async(watch.is_current, holds=lambda current: not current)

        assert watch.lags == Lags(at=5.0)


async def test_without_figures_it_is_not_ready_and_with_new_ones_it_is():
    async with watching(reader := Reader(None)) as watch:
        assert (watch.lags, await watch.is_current()) == (NO_LAGS, False)

        reader.answers = [Lags(at=7.0)]
        await eventually_async(watch.is_current)
        assert watch.lags.at == 7.0


async def test_it_closes_its_connections():
    reader = Reader(Lags(at=5.0))
    async with watching(reader) as watch:
        await eventually_async(watch.is_current)

    assert reader.closed
