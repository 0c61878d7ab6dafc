"""The metrics of this service beyond the shared ones."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from itertools import product
from typing import Final, get_args

from services.notify.model import (
    About,
    End,
    Failure,
    Notification,
    Outcome,
    Recipient,
    RefusalOf,
    Sent,
    State,
)
from services.notify.rules import PER_DAY, PER_SECOND, Allowance
from shared.errors import TransientError
from shared.events.envelope import Language
from shared.events.notify import Template
from shared.metrics import Metrics
from shared.waiting import sleep_unless_set

_SEND_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600)
_WATCH_SECONDS: Final = 15.0
SERVER_FAULTS: Final = ("unreachable", "refuses")
_STEPS: Final = ("decided", "mailed")
_DECISIONS: Final[frozenset[About]] = frozenset({"eligibility", "recognition"})
_RESULTS: Final[tuple[State, ...]] = ("sent", "temporary-failure", "permanent-failure")
END_STATES: Final[tuple[End, ...]] = ("sent", *get_args(Failure))


class NotifyMetrics:
    """E-mails by result, the server's response time, unfinished notifications, and limits."""

    def __init__(self, metrics: Metrics) -> None:
        self.registry = metrics.registry
        self._service = metrics.service
        self._retries = metrics.retries
        self._emails = metrics.counter(
            "cppp_emails",
            "Attempts to send an e-mail, by result.",
            "template",
            "language",
            "result",
        )
        for labels in product(get_args(Template), get_args(Language), _RESULTS):
            self._emails.labels(self._service, *labels)
        self._seconds = metrics.histogram(
            "cppp_email_send_duration_seconds",
            "Time from the first command about an e-mail to the server's last answer.",
            _SEND_BUCKETS,
        ).labels(self._service)
        self._waiting = metrics.gauge(
            "cppp_notifications_waiting",
            "Unfinished notifications by state; each instance reports the total of all instances.",
            "state",
        )
        self._ended = metrics.counter(
            "cppp_notifications_ended", "Notifications finished by this process.", "state"
        )
        for state in END_STATES:
            self._ended.labels(self._service, state)
        self._show_refusals(metrics)
        self._end_to_end = metrics.end_to_end
        self._end_to_end.observe((), *_STEPS)
        self._show_limits(metrics)

    def _show_refusals(self, metrics: Metrics) -> None:
        self._refusals = metrics.counter(
            "cppp_email_refusals", "E-mails that were not accepted, by what that is about.", "about"
        )
        for about in get_args(RefusalOf):
            self._refusals.labels(self._service, about)
        self._unusable = metrics.gauge(
            "cppp_mail_server_unusable",
            "1 while the mail server cannot be reached, or refuses this service.",
            "why",
        )
        self.show_server("")

    def _show_limits(self, metrics: Metrics) -> None:
        self._limits = metrics.gauge(
            "cppp_email_limit", "Limit on attempts to send an e-mail; 0 means no limit.", "per"
        )
        self._today = metrics.gauge(
            "cppp_emails_begun_today",
            "Attempts of all instances today (Hong Kong time), if there is a daily limit.",
        ).labels(self._service)
        self._held = metrics.counter(
            "cppp_email_limit_waiting_seconds",
            "Time during which a limit held back messages.",
            "per",
        )
        for per in (PER_DAY, PER_SECOND):
            self._held.labels(self._service, per)

    def count(
        self,
        notification: Notification,
        recipient: Recipient,
        outcome: Outcome,
        seconds: float,
        exemplar: dict[str, str] | None = None,
    ) -> None:
        """Count one attempt; `exemplar` names its trace."""
        self._emails.labels(
            self._service, notification.template, recipient.language, outcome.state
        ).inc()
        self._seconds.observe(seconds, exemplar)
        if isinstance(outcome, Sent) and notification.about in _DECISIONS:
            taken = max(0.0, (outcome.at - notification.occurred_at).total_seconds())
            self._end_to_end.observe((taken,), *_STEPS)
            self._end_to_end.exemplify(taken, exemplar, *_STEPS)

    def count_refusal(self, about: RefusalOf) -> None:
        """Count a mail that was not accepted."""
        self._refusals.labels(self._service, about).inc()

    def show_server(self, why: str) -> None:
        """Show why the mail server cannot be used; "" if it can."""
        for each in SERVER_FAULTS:
            self._unusable.labels(self._service, each).set(each == why)

    def count_ended(self, state: End, number: int) -> None:
        """Count finished notifications, sent or not."""
        self._ended.labels(self._service, state).inc(number)

    def count_retry(self, error: str) -> None:
        """Count a retry because the mail server was down."""
        self._retries.labels(self._service, error).inc()

    def count_held(self, per: str, seconds: float) -> None:
        """Count the time for which a limit held messages back."""
        self._held.labels(self._service, per).inc(seconds)

    def show_allowance(self, allowance: Allowance) -> None:
        """Show the limits."""
        self._limits.labels(self._service, PER_DAY).set(allowance.per_day)
        self._limits.labels(self._service, PER_SECOND).set(allowance.per_second)

    async def watch(
        self,
        waiting: Callable[[], Awaitable[Mapping[State, int]]],
        begun_today: Callable[[], Awaitable[int]],
        server_fault: Callable[[], str],
        closing: asyncio.Event,
    ) -> None:
        """Update the gauges until `closing` is set; during an outage they keep their values."""
        while not closing.is_set():
            self.show_server(server_fault())
            with suppress(TransientError):
                for state, number in (await waiting()).items():
                    self._waiting.labels(self._service, state).set(number)
                self._today.set(await begun_today())
            await sleep_unless_set(_WATCH_SECONDS, closing)
