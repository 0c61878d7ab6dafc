"""Reads the lags of all groups every few seconds, and keeps the last figures."""

import asyncio
from typing import Final

from shared.lag.model import Lags
from shared.lag.reader import LagReader
from shared.metrics import Metrics
from shared.retry import retry_until_done
from shared.waiting import running_until, sleep_unless_set

NO_LAGS: Final = Lags(at=0.0)


class LagWatch:
    """The lags as they were last read. While Kafka is away they stay, and grow older."""

    def __init__(self, reader: LagReader, metrics: Metrics, refresh_seconds: float) -> None:
        self._reader = reader
        self._metrics = metrics
        self._refresh_seconds = refresh_seconds
        self._answers = False
        self.lags = NO_LAGS

    async def is_current(self) -> bool:
        """Return whether Kafka has answered the last time that it was asked."""
        return self._answers

    async def run(self, closing: asyncio.Event) -> None:
        """Read until `closing` is set."""
        try:
            async with running_until(closing, self._read_on(closing)):
                pass
        finally:
            await self._reader.close()

    async def _read_on(self, closing: asyncio.Event) -> None:
        while not closing.is_set():
            self.lags = await retry_until_done(self._reader.read, closing, self._failed)
            self._answers = True
            await sleep_unless_set(self._refresh_seconds, closing)

    def _failed(self, error: str) -> None:
        self._answers = False
        self._metrics.retries.labels(self._metrics.service, error).inc()
