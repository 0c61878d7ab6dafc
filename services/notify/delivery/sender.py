"""Sends messages over several connections, each with one message at a time.

A worker waits for a server that is down and keeps its message meanwhile.
"""

import asyncio
import time
from collections.abc import Sequence
from functools import partial
from typing import Final

from services.notify.delivery.claims import Claims
from services.notify.delivery.delivery import Delivery
from services.notify.delivery.queue import Job, JobQueue
from services.notify.metrics import NotifyMetrics
from services.notify.smtp.connection import SmtpConnection
from shared.errors import AbandonedError
from shared.retry import retry_until_done

_STOP_SECONDS: Final = 3.0


class Sender:
    """Sends the jobs of the queue until it is stopped."""

    def __init__(
        self,
        queue: JobQueue,
        claims: Claims,
        delivery: Delivery,
        connections: Sequence[SmtpConnection],
        metrics: NotifyMetrics,
    ) -> None:
        self._queue = queue
        self._claims = claims
        self._delivery = delivery
        self._connections = connections
        self._metrics = metrics
        self._opening = asyncio.Lock()
        self._reachable = True
        self._outage = ""

    @property
    def outage(self) -> str:
        """Why the last attempt to connect failed: the step, and the server's code."""
        return self._outage

    async def is_server_reachable(self) -> bool:
        """Return whether the last attempt to connect to the mail server succeeded."""
        return self._reachable

    async def run(self, closing: asyncio.Event) -> None:
        """Send until `closing` is set; then finish messages in flight if the server is fast."""
        stopped = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            workers = [
                group.create_task(self._work(connection, closing))
                for connection in self._connections
            ]
            group.create_task(self._claims.keep_renewing(stopped))
            group.create_task(self._stop(workers, closing, stopped))
        await self._queue.close()

    async def _stop(
        self,
        workers: Sequence["asyncio.Task[None]"],
        closing: asyncio.Event,
        stopped: asyncio.Event,
    ) -> None:
        await closing.wait()
        self._queue.wake()
        _, late = await asyncio.wait(workers, timeout=_STOP_SECONDS)
        for worker in late:
            worker.cancel()
        stopped.set()

    async def _work(self, connection: SmtpConnection, closing: asyncio.Event) -> None:
        try:
            while True:
                job = await self._queue.next(closing)
                await self._deliver(job, connection, closing)
        except AbandonedError:
            pass
        finally:
            await connection.close()

    async def _deliver(self, job: Job, connection: SmtpConnection, closing: asyncio.Event) -> None:
        ready = await self._prepare(job, connection, closing)
        if ready is None:
            return
        started = time.perf_counter()
        outcome = await self._delivery.attempt(ready, connection, closing)
        if outcome:
            seconds = time.perf_counter() - started
            self._metrics.count(ready.notification, ready.recipient, outcome, seconds)

    async def _prepare(
        self, job: Job, connection: SmtpConnection, closing: asyncio.Event
    ) -> Job | None:
        try:
            if not connection.is_fresh:
                await self._open(connection, closing)
            return await self._queue.checked(job, closing)
        except AbandonedError:
            self._queue.requeue(job)
            raise

    async def _open(self, connection: SmtpConnection, closing: asyncio.Event) -> None:
        async with self._opening:  # only one worker at a time tries a server that does not answer
            record = partial(self._record_outage, connection)
            await retry_until_done(connection.open, closing, record)
            self._reachable = True

    def _record_outage(self, connection: SmtpConnection, error: str) -> None:
        self._reachable, self._outage = False, connection.failure
        self._metrics.count_retry(error)
