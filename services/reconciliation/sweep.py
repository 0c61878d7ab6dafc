"""Counts orphans regularly, for Prometheus."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from services.reconciliation.settings import ReconciliationSettings
from services.reconciliation.store import MongoExpectations
from shared.metrics import Metrics
from shared.retry import retry_until_done
from shared.waiting import sleep_unless_set


class Sweep:
    """Updates the gauge of orphans."""

    def __init__(
        self,
        expectations: MongoExpectations,
        settings: ReconciliationSettings,
        metrics: Metrics,
        now: Callable[[], datetime],
    ) -> None:
        self._expectations = expectations
        self._settings = settings
        self._service = metrics.service
        self._now = now
        self._orphans = metrics.gauge(
            "cppp_orphans",
            "Versions of applications for which a stage is overdue; every instance counts all.",
            "stage",
        )
        self._swept_at = metrics.gauge(
            "cppp_orphans_counted_timestamp_seconds", "When orphans were last counted."
        )

    async def run(self, closing: asyncio.Event) -> None:
        """Count regularly until `closing` is set; wait while a dependency is down."""
        while not closing.is_set():
            await retry_until_done(self.once, closing)
            await sleep_unless_set(self._settings.sweep_seconds, closing)

    async def once(self) -> None:
        """Count once."""
        now = self._now()
        for stage, number in (await self._expectations.count(self._settings.latest(now))).items():
            self._orphans.labels(self._service, stage).set(number)
        self._swept_at.labels(self._service).set(now.timestamp())
