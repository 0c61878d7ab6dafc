"""The notifications that this process has claimed.

A claim is short and renewed regularly: after a crash other processes soon take over, and a slow
process keeps its claims.
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
    """The claimed notifications, until their outcome is stored or they are dropped."""

    def __init__(
        self, notifications: MongoNotifications, claim_seconds: float, now: Callable[[], datetime]
    ) -> None:
        self._notifications = notifications
        self._claim_seconds = claim_seconds
        self._now = now
        self._valid_until: dict[str, float] = {}  # by id, on the event loop's clock

    async def claim(self, limit: int) -> Sequence[Notification]:
        """Claim due notifications; raises `TransientError` while the database is down.

        A notification that this process holds is not returned again, even if its claim has expired.
        """
        valid_until = self._expiry()
        claimed = await self._notifications.claim(self._now(), self._until(), limit)
        new = [each for each in claimed if each.id not in self._valid_until]
        self._valid_until.update((each.id, valid_until) for each in claimed)
        return new

    def may_begin(self, notification_id: str) -> bool:
        """Return whether a claim is valid until well after the next renewal.

        It is not if renewals have failed because the database or this process was stuck.
        """
        remaining = self._valid_until.get(notification_id, 0) - _clock()
        return remaining > self._claim_seconds / 3

    def drop(self, notification_ids: Iterable[str]) -> None:
        """Stop renewing these: their outcome is stored, or they become due again by themselves."""
        for each in notification_ids:
            self._valid_until.pop(each, None)

    async def release(self, notification_ids: Sequence[str]) -> None:
        """Release these claims, so that others can send; if that fails, the claims expire."""
        self.drop(notification_ids)
        with suppress(TransientError):
            await self._notifications.release_claims(notification_ids, self._now())

    async def renew(self) -> None:
        """Renew all claims; drop those that another process has taken over."""
        ids, valid_until = list(self._valid_until), self._expiry()
        if not ids:
            return
        with suppress(TransientError):
            renewed = await self._notifications.renew(ids, self._until())
            self.drop(set(ids) - renewed)
            for each in renewed & self._valid_until.keys():
                self._valid_until[each] = valid_until

    async def keep_renewing(self, stopping: asyncio.Event) -> None:
        """Renew three times per claim period until `stopping` is set."""
        while not stopping.is_set():
            await self.renew()
            await sleep_unless_set(self._claim_seconds / 3, stopping)

    def _expiry(self) -> float:
        return _clock() + self._claim_seconds

    def _until(self) -> datetime:
        return self._now() + timedelta(seconds=self._claim_seconds)


def _clock() -> float:
    return asyncio.get_running_loop().time()
