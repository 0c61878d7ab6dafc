"""What this process alone may send, for as long as it shows that it is alive.

A claim is short and renewed again and again, so that others soon take over what a crash left
behind, and nobody takes over what is merely slow.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from services.notify.model import Notification
from services.notify.store.notifications import MongoNotifications
from shared.errors import TransientError
from shared.waiting import sleep_unless_set


class Claims:
    """The notifications in hand, from their claim until they are settled or let go."""

    def __init__(
        self, notifications: MongoNotifications, claim_seconds: float, now: Callable[[], datetime]
    ) -> None:
        self._notifications = notifications
        self._claim_seconds = claim_seconds
        self._now = now
        self._valid_until: dict[str, float] = {}  # by id, on the event loop's clock

    async def take(self, limit: int) -> Sequence[Notification]:
        """Claim what is due; raises `TransientError` while the database is down.

        What is in hand already is not given out again, even if its claim had expired meanwhile.
        """
        valid_until = self._expiry()
        claimed = await self._notifications.claim(self._now(), self._until(), limit)
        new = [each for each in claimed if each.id not in self._valid_until]
        self._valid_until.update((each.id, valid_until) for each in claimed)
        return new

    def may_begin(self, notification_id: str) -> bool:
        """Tell whether the claim holds, with time enough for the next renewal to come first.

        It does not if renewals failed: then the database, or this process, stood still.
        """
        remaining = self._valid_until.get(notification_id, 0) - _clock()
        return remaining > self._claim_seconds / 3

    def let_go(self, notification_ids: Iterable[str]) -> None:
        """Renew these no more: they are settled, or become due again by themselves."""
        for each in notification_ids:
            self._valid_until.pop(each, None)

    async def give_back(self, notification_ids: Sequence[str]) -> None:
        """Let others send these at once; if that fails, the claims expire."""
        self.let_go(notification_ids)
        with suppress(TransientError):
            await self._notifications.give_back(notification_ids, self._now())

    async def renew(self) -> None:
        """Renew all claims in hand; one that another process has taken over is let go."""
        ids, valid_until = list(self._valid_until), self._expiry()
        if not ids:
            return
        with suppress(TransientError):
            renewed = await self._notifications.renew(ids, self._until())
            self.let_go(set(ids) - renewed)
            for each in renewed & self._valid_until.keys():
                self._valid_until[each] = valid_until

    async def keep_renewing(self, stopping: asyncio.Event) -> None:
        """Renew three times within a claim, until told to stop."""
        while not stopping.is_set():
            await self.renew()
            await sleep_unless_set(self._claim_seconds / 3, stopping)

    def _expiry(self) -> float:
        return _clock() + self._claim_seconds

    def _until(self) -> datetime:
        return self._now() + timedelta(seconds=self._claim_seconds)


def _clock() -> float:
    return asyncio.get_running_loop().time()
