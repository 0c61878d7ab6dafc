"""Looks at everything regularly, in the background: a page never waits for another system."""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

import httpx

from services.operations.sources import alerts, objectives, services
from services.operations.sources.alerts import Alerts
from services.operations.sources.history import History
from services.operations.sources.lag import LagSeen
from services.operations.sources.objectives import Objective
from services.operations.sources.services import Seen
from services.operations.sources.settings import SourcesSettings
from services.operations.sources.targets import Target, Targets, read_targets
from shared.waiting import running_until, sleep_unless_set

_AT_ONCE: Final = httpx.Limits(max_connections=64, max_keepalive_connections=64)


class Look:
    """What was seen last: every process, alerts, objectives, and the last quarter of an hour."""

    def __init__(
        self,
        settings: SourcesSettings,
        lag: Callable[[], LagSeen],
        now: Callable[[], datetime],
    ) -> None:
        self.targets = Targets()
        self.alerts = Alerts("away" if settings.prometheus_url else "not-set")
        self.objectives: Sequence[Objective] = ()
        self.history = History(settings.look_seconds)
        self.lag = LagSeen()
        self.started_at = now()
        self.looked_at: datetime | None = None
        self._seen: dict[Target, Seen] = {}
        self._settings = settings
        self._read_lag = lag
        self._now = now

    @property
    def services(self) -> Sequence[Seen]:
        """Every process that there should be, by service and address."""
        return [self._seen[each] for each in self.targets.found if each in self._seen]

    async def run(self, closing: asyncio.Event) -> None:
        """Look regularly until `closing` is set."""
        limit = httpx.Timeout(self._settings.answer_seconds)
        async with (
            httpx.AsyncClient(timeout=limit, limits=_AT_ONCE, trust_env=False) as client,
            running_until(closing, self._look_on(client, closing)),
        ):
            pass

    async def _look_on(self, client: httpx.AsyncClient, closing: asyncio.Event) -> None:
        while not closing.is_set():
            await self.once(client)
            await sleep_unless_set(self._settings.look_seconds, closing)

    async def once(self, client: httpx.AsyncClient) -> None:
        """Ask everything once; what does not answer in time keeps what it said before."""
        self.targets = await asyncio.to_thread(read_targets, self._settings.targets)
        self.alerts, self.objectives, seen = await asyncio.gather(
            self._ask_alerts(client),
            self._ask_objectives(client),
            asyncio.gather(*(self._ask(client, each) for each in self.targets.found)),
        )
        self._seen = {each.target: each for each in seen}
        self.lag = self._read_lag()
        self.looked_at = self._now()
        self._remember()

    async def _ask_alerts(self, client: httpx.AsyncClient) -> Alerts:
        url, seconds = self._settings.prometheus_url, self._settings.answer_seconds
        return await alerts.ask(client, url, self.alerts, seconds, self._now())

    async def _ask_objectives(self, client: httpx.AsyncClient) -> Sequence[Objective]:
        url, seconds = self._settings.prometheus_url, self._settings.answer_seconds
        return await objectives.ask(client, url, self.objectives, seconds)

    async def _ask(self, client: httpx.AsyncClient, target: Target) -> Seen:
        before = self._seen.get(target, Seen(target))
        return await services.ask(client, before, self._settings.answer_seconds, self._now())

    def _remember(self) -> None:
        answering = [each for each in self.services if each.state != "away"]
        totals = {each.target: each.figures.totals for each in answering}
        seconds = {name: each.seconds for name, each in self.lag.groups.items()}
        lag = {name: each for name, each in seconds.items() if each is not None}
        self.history.add(time.monotonic(), totals, lag)
        self.history.forget(self.targets.found)
