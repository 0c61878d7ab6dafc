"""Writes applications in small batches, each request with its own outcome.

A batch has all requests that arrive while the previous batch is written, so grouping adds no
latency: a single request is written at once, hundreds go into one insert.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from services.intake.settings import SERVICE
from services.intake.store.applications import Acceptance, Applications, Receipt
from shared.errors import TransientError
from shared.outbox.relay import Outbox
from shared.outbox.store import Unpublished
from shared.outbox.tracing import WriteTrace

_LANES: Final = 2
_BATCH_AT_MOST: Final = 500


@dataclass(frozen=True, slots=True)
class _Waiting:
    acceptance: Acceptance
    outcome: "asyncio.Future[Receipt]"


class Writer:
    """Groups the writes of concurrent requests; use it inside `running`."""

    def __init__(
        self,
        applications: Applications,
        outbox: Outbox,
        *,
        max_waiting: int,
        seconds: float,
    ) -> None:
        self._applications = applications
        self._outbox = outbox
        self.seconds = seconds
        self._queue: asyncio.Queue[_Waiting] = asyncio.Queue(max_waiting)

    async def write(self, acceptance: Acceptance) -> Receipt:
        """Store an application and enqueue its events; durable on return.

        Raises `TransientError` if too many requests wait, or if the write is not confirmed in
        time: repeating the call is safe.
        """
        outcome = self.enqueue(acceptance)
        try:
            async with asyncio.timeout(self.seconds):
                return await outcome
        except TimeoutError as error:
            raise TransientError from error

    def enqueue(self, acceptance: Acceptance) -> "asyncio.Future[Receipt]":
        """Enqueue an application; the future completes once it is stored.

        Raises `TransientError` if too many requests wait. Cancelling the future in time prevents
        the write.
        """
        outcome: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        try:
            self._queue.put_nowait(_Waiting(acceptance, outcome))
        except asyncio.QueueFull as error:
            raise TransientError from error
        return outcome

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Write while the block runs. At its end no request waits: the server lets them finish."""
        lanes = [asyncio.create_task(self._write_batches()) for _ in range(_LANES)]
        try:
            yield
        finally:
            for lane in lanes:
                lane.cancel()
            await asyncio.gather(*lanes, return_exceptions=True)

    async def _write_batches(self) -> None:
        while True:
            batch = await self._next_batch()
            trace = WriteTrace(SERVICE, "applications")
            try:
                receipts = await self._applications.keep([each.acceptance for each in batch])
            except Exception as error:  # noqa: BLE001  # each request answers for itself
                _fail(batch, error)
            else:
                trace.end(each.acceptance.events for each in batch)
                self._complete(batch, receipts)

    async def _next_batch(self) -> list[_Waiting]:
        batch = [await self._queue.get()]
        while len(batch) < _BATCH_AT_MOST and not self._queue.empty():
            batch.append(self._queue.get_nowait())
        # Skip requests that timed out: their clients were told to retry.
        return [each for each in batch if not each.outcome.done()]

    def _complete(self, batch: Sequence[_Waiting], receipts: Sequence[Receipt]) -> None:
        for each, receipt in zip(batch, receipts, strict=True):
            if not each.outcome.done():
                each.outcome.set_result(receipt)
        self._outbox.enqueue(
            Unpublished(each.acceptance.application_id, each.acceptance.events)
            for each, receipt in zip(batch, receipts, strict=True)
            if receipt.is_new
        )


def _fail(batch: Sequence[_Waiting], error: Exception) -> None:
    for each in batch:
        if not each.outcome.done():
            each.outcome.set_exception(error)
