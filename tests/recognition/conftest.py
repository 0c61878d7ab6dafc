"""A database of the test's own, and the service's parts on it with a clock that tests set."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from services.recognition.handlers import CandidacyHandler, build_handler
from services.recognition.metrics import RecognitionMetrics
from services.recognition.rules.scheme import load_scheme
from services.recognition.store.store import open_store
from services.recognition.sweep import Sweep
from shared.consumer.handling import Retry
from shared.metrics import Metrics
from tests.factories import a_record
from tests.in_memory import InMemoryPublisher, a_batch_handler
from tests.recognition.rulings import RULINGS_TOPIC

SCHEME = load_scheme()


class Instance:
    """One instance of the service: handles batches and sweeps, as the real one does."""

    def __init__(self, database) -> None:
        self.set_clock(2025, 9, 12)
        self.metrics = Metrics("recognition")
        self.store = open_store(database)
        counting = RecognitionMetrics(self.metrics, SCHEME.version)
        self.candidacies = CandidacyHandler(self.store, SCHEME, self._tick)
        self._handler = build_handler(self.candidacies, counting.count)
        self._sweep = Sweep(self.store, SCHEME, self._tick, counting, 0.01)

    def _tick(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now

    def set_clock(self, *when: int) -> None:
        """Set the clock to a moment in Hong Kong, given as for `datetime`."""
        self.now = datetime(*when, tzinfo=UTC) - timedelta(hours=8)

    async def handle(self, *records):
        """Handle one batch; return what it publishes."""
        publisher = InMemoryPublisher()
        batch_handler = a_batch_handler(self._handler, publisher, "recognition")
        await batch_handler.handle(records, Retry(asyncio.Event()))
        return publisher.published

    async def ruled(self, *rulings):
        """Handle rulings, as one batch."""
        await self.handle(*(a_record(each, topic=RULINGS_TOPIC) for each in rulings))

    async def sweep(self, publisher=None):
        """Sweep until nothing is due; return what is published."""
        publisher = publisher or InMemoryPublisher()
        while await self._sweep.once(publisher):
            pass
        return publisher.published

    async def case_of(self, application_id):
        [found] = await self.store.cases.of([application_id])
        return found.case


@pytest.fixture
async def instances(database):
    """Several instances of the service on one database."""
    found = [Instance(database) for _ in range(3)]
    await asyncio.gather(*(each.store.prepare() for each in found))
    return found


@pytest.fixture
async def service(database):
    """The only instance."""
    only = Instance(database)
    await only.store.prepare()
    return only
