"""Limits on sending: per day over all instances, and per second for one.

Messages over a limit wait; nothing is lost. 0 means no limit.
"""

import asyncio
from collections.abc import Callable
from datetime import date, datetime

import structlog

from services.notify.rules import PER_DAY, PER_SECOND, Allowance
from services.notify.store.daily_counts import MongoDailyCounts
from shared.clock import hong_kong_date
from shared.outages import Outage
from shared.waiting import sleep_unless_set

log = structlog.get_logger()


class SendLimits:
    """Enforces an allowance; `on_held` gets a limit and for how many seconds it held messages back.

    Every attempt counts, whatever its outcome. After a crash up to a batch may have been counted
    without an attempt, never the other way round.
    """

    def __init__(
        self,
        counts: MongoDailyCounts,
        allowance: Allowance,
        now: Callable[[], datetime],
        on_held: Callable[[str, float], None] = lambda _limit, _seconds: None,
    ) -> None:
        self._counts = counts
        self._allowance = allowance
        self._now = now
        self._on_held = on_held
        self._next_at = 0.0
        self._used_up = Outage()

    async def free_today(self, wanted: int) -> int:
        """Return how many of these may still be attempted today."""
        if not self._allowance.per_day:
            return wanted
        free = max(0, min(wanted, self._allowance.per_day - await self.begun_today()))
        if free:
            self._used_up.ends(_loop_time())
        return free

    async def reserve(self, wanted: int) -> int:
        """Reserve up to `wanted` of today's attempts; return how many were reserved."""
        if not self._allowance.per_day or not wanted:
            return wanted
        return await self._counts.reserve(self._today(), wanted, self._allowance.per_day)

    async def release(self, number: int) -> None:
        """Release reserved attempts that were not made."""
        if self._allowance.per_day and number:
            await self._counts.release(self._today(), number)

    async def begun_today(self) -> int:
        """Return today's attempts of all instances; they are counted only if there is a limit."""
        return await self._counts.count(self._today())

    def record_held_today(self, seconds: float) -> None:
        """Report for how long the daily limit was reached."""
        self._on_held(PER_DAY, seconds)
        if self._used_up.fails(_loop_time()):
            # Log: The mails of a day are used up: the others wait for the next day, Hong Kong time.
            # Said again ever more rarely.
            log.warning("mail_limit.reached", per_day=self._allowance.per_day)

    async def wait_for_turn(self, closing: asyncio.Event) -> None:
        """Wait until one more attempt is allowed; return at once when `closing` is set."""
        if not self._allowance.per_second:
            return
        now = _loop_time()
        turn_at = max(now, self._next_at)
        self._next_at = turn_at + 1 / self._allowance.per_second
        if turn_at > now:
            await sleep_unless_set(turn_at - now, closing)
            self._on_held(PER_SECOND, turn_at - now)

    def _today(self) -> date:
        return hong_kong_date(self._now())


def _loop_time() -> float:
    return asyncio.get_running_loop().time()
