"""Writes applications in small batches, each request with its own outcome.

A batch is whatever waits while the previous one is written, so grouping costs no latency: one
request alone is written at once, hundreds together in one insert.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from services.intake.store.applications import Acceptance, Applications, Receipt
from shared.errors import TransientError
from shared.outbox.relay import Outbox
from shared.outbox.store import Unpublished

_LANES: Final = 2
_BATCH_AT_MOST: Final = 500


@dataclass(frozen=True, slots=True)
class _Waiting:
    acceptance: Acceptance
    outcome: "asyncio.Future[Receipt]"


class Writer:
    """Groups what concurrent requests want kept; needs `running` around it."""

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
        """Keep an application and hand its events to the outbox; durable on return.

        Raises `TransientError` if too many wait already, or if it is not certain in time that it
        is kept: repeating the call is safe and finds out.
        """
        outcome = self.begin(acceptance)
        try:
            async with asyncio.timeout(self.seconds):
                return await outcome
        except TimeoutError as error:
            raise TransientError from error

    def begin(self, acceptance: Acceptance) -> "asyncio.Future[Receipt]":
        """Let an application be kept; the future tells when it is.

        Raises `TransientError` if too many wait already. A future that is cancelled in time keeps
        its application from being written.
        """
        outcome: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        try:
            self._queue.put_nowait(_Waiting(acceptance, outcome))
        except asyncio.QueueFull as error:
            raise TransientError from error
        return outcome

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Write while inside. Who still waits on leaving has gone: the server let them finish."""
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
            try:
                receipts = await self._applications.keep([each.acceptance for each in batch])
            except Exception as error:  # noqa: BLE001  # each request answers for itself
                _fail(batch, error)
            else:
                self._answer(batch, receipts)

    async def _next_batch(self) -> list[_Waiting]:
        batch = [await self._queue.get()]
        while len(batch) < _BATCH_AT_MOST and not self._queue.empty():
            batch.append(self._queue.get_nowait())
        # Who waited too long has got an answer that says: not certain, repeat it.
        return [each for each in batch if not each.outcome.done()]

    def _answer(self, batch: Sequence[_Waiting], receipts: Sequence[Receipt]) -> None:
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
