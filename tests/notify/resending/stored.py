"""Notifications as they ended, stored through the same calls as the service's own."""

from datetime import timedelta
from typing import Any

from services.notify.events import events_of
from services.notify.model import Failed
from services.notify.store.documents import OutcomeUpdate
from services.notify.store.notifications import MongoNotifications
from shared.outbox.store import MongoOutbox
from tests.factories import NOW

A_SECOND = timedelta(seconds=1)


async def ended(
    collection: Any, notification: Any, *outcomes: Any, is_announced: bool = True
) -> None:
    """Store a notification unless it is known, and the outcomes of its attempts."""
    store = MongoNotifications(collection, "sender")
    await store.keep([notification], NOW)
    for each in outcomes:
        await store.claim(NOW + timedelta(days=99), NOW, 1_000)
        update = OutcomeUpdate(notification.id, each, events_of(notification, each))
        await store.store_outcomes([update], NOW)
    if is_announced:
        await MongoOutbox(collection).mark_published([notification.id], NOW)


def failed(reason: str = "content-refused", state: Any = "permanent-failure", **changes: Any):
    return Failed(reason, changes.pop("at", NOW + A_SECOND), state, **changes)
