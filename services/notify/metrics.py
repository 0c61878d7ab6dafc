"""What the service counts besides what every service does."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Final

from services.notify.notification import Notification, Outcome, Recipient, State
from shared.errors import TransientError
from shared.metrics import Metrics

_SEND_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_WATCH_SECONDS: Final = 15.0


class NotifyMetrics:
    """E-mails by result, the time that the server takes, and what is not finished."""

    def __init__(self, metrics: Metrics) -> None:
        self._service = metrics.service
        self._emails = metrics.counter(
            "cppp_emails",
            "Attempts to hand an e-mail over, by what came of them.",
            "template",
            "language",
            "result",
        )
        self._seconds = metrics.histogram(
            "cppp_email_send_duration_seconds",
            "Writing an e-mail and handing it over, up to the server's answer.",
            _SEND_BUCKETS,
        ).labels(self._service)
        self._waiting = metrics.gauge(
            "cppp_notifications_waiting",
            "Notifications that are not finished; every instance counts those of all.",
            "state",
        )

    def count(
        self, notification: Notification, recipient: Recipient, outcome: Outcome, seconds: float
    ) -> None:
        """Count one attempt."""
        self._emails.labels(
            self._service, notification.template, recipient.language, outcome.state
        ).inc()
        self._seconds.observe(seconds)

    async def watch(
        self,
        waiting: Callable[[], Awaitable[Mapping[State, int]]],
        closing: asyncio.Event,
    ) -> None:
        """Keep the gauges current until `closing` is set; an outage leaves them as they are."""
        while not closing.is_set():
            with suppress(TransientError):
                for state, number in (await waiting()).items():
                    self._waiting.labels(self._service, state).set(number)
            with suppress(TimeoutError):
                await asyncio.wait_for(closing.wait(), _WATCH_SECONDS)
