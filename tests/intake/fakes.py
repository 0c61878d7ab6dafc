"""Fakes of the parts around a submission."""

import asyncio
from collections.abc import Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from services.intake.access.ids import Identity
from services.intake.access.in_flight import InFlightRequests
from services.intake.metrics import IntakeMetrics
from services.intake.store.applications import Acceptance, Receipt
from services.intake.submission.service import SubmissionService
from services.intake.submission.writer import Writer
from shared.outbox.relay import Outbox
from tests.factories import NOW
from tests.in_memory import FakeOutboxStore


@dataclass
class FakeApplications:
    """Applications in memory; `keep` waits until a test sets `open`."""

    batches: list[list[str]] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)
    open: asyncio.Event = field(default_factory=asyncio.Event)

    async def keep(self, acceptances: Sequence[Acceptance]) -> Sequence[Receipt]:
        known = {each for batch in self.batches for each in batch}
        self.batches.append([each.application_id for each in acceptances])
        await self.open.wait()
        if self.errors:
            raise self.errors.pop()
        return [
            Receipt(
                each.application_id, each.fingerprint, NOW, is_new=each.application_id not in known
            )
            for each in acceptances
        ]


@asynccontextmanager
async def submission_service(applications, metrics, seconds=5.0):
    outbox = Outbox(FakeOutboxStore(), metrics, lambda: NOW)
    writer = Writer(applications, outbox, max_waiting=100, seconds=seconds)
    counted = IntakeMetrics(metrics)
    async with writer.running():
        yield SubmissionService(
            Identity("secret"), writer, InFlightRequests(counted), counted, lambda: NOW
        )
