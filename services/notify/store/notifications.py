"""Notifications in MongoDB: inserted once, then updated by the process that has claimed them.

`due_at` is set while an attempt remains to be made. A claim moves it to its own expiry, so after a
crash the notification becomes due again by itself.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from services.notify.events import events_of
from services.notify.model import Failed, Notification, Sent, State
from services.notify.store.documents import (
    OutcomeUpdate,
    Status,
    as_change,
    as_document,
    as_ended_document,
    as_joint_change,
    as_notification,
    as_status,
)
from shared.mongo import (
    ASCENDING,
    Collection,
    Document,
    IndexModel,
    UpdateOne,
    insert_new,
    translated_errors,
)
from shared.mongo_indexes import create_indexes

WAITING_STATES: Final[tuple[State, ...]] = (
    "due",
    "waiting-for-contact",
    "sending",
    "temporary-failure",
)
# More than the clocks of concurrent processes ever differ.
_CLOCK_JUMPED: Final = timedelta(minutes=10)
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


class MongoNotifications:
    """Notifications in one collection, `_id` = `<application id>:<kind of fact>:<version>`.

    `holder` identifies this process in its claims; it must be unique.
    """

    def __init__(self, collection: Collection, holder: str) -> None:
        self._collection = collection
        self._holder = holder

    async def prepare(self) -> None:
        """Create the indexes; idempotent."""
        unfinished = IndexModel(
            [("due_at", ASCENDING), ("state", ASCENDING)],
            partialFilterExpression={"due_at": {"$exists": True}},
        )
        failed = IndexModel("failed_at", sparse=True)
        await create_indexes(self._collection, IndexModel("application_id"), unfinished, failed)

    async def keep(self, notifications: Sequence[Notification], now: datetime) -> None:
        """Insert each notification, due at once, unless it exists."""
        with translated_errors():
            await insert_new(self._collection, [as_document(each, now) for each in notifications])

    async def keep_ended(self, notifications: Sequence[Notification], ended: Failed) -> int:
        """Insert each notification as final unless it exists; return how many were inserted.

        Their events are stored in the same documents.
        """
        documents = [
            as_ended_document(each, ended, events_of(each, ended)) for each in notifications
        ]
        with translated_errors():
            return len(documents) - len(await insert_new(self._collection, documents))

    async def claim(self, now: datetime, until: datetime, limit: int) -> list[Notification]:
        """Claim due notifications until a time, the longest due first.

        A holder must make one claim at a time.
        """
        due = {"$or": [{"due_at": {"$lte": now}}, _stored_ahead_of(now)]}
        with translated_errors():
            found = await self._collection.find(due).sort("due_at").limit(limit).to_list(limit)
            if not found:
                return []
            ids = {"_id": {"$in": [each["_id"] for each in found]}}
            claimed = await self._collection.update_many(
                {**ids, **due},
                {"$set": {"state": "sending", "claim": self._holder, "due_at": until}},
            )
            if claimed.modified_count < len(found):  # another instance has claimed some of them
                ours = {**ids, "claim": self._holder, "due_at": until}
                found = await self._collection.find(ours).sort("occurred_at").to_list(limit)
        return [as_notification(each) for each in found]

    async def renew(self, notification_ids: Sequence[str], until: datetime) -> frozenset[str]:
        """Renew claims of this holder; return the ids that it still held."""
        held = {"_id": {"$in": list(notification_ids)}, "claim": self._holder}
        with translated_errors():
            await self._collection.update_many(held, {"$set": {"due_at": until}})
            return frozenset(
                [each["_id"] async for each in self._collection.find(held, {"_id": 1})]
            )

    async def store_outcomes(self, updates: Sequence[OutcomeUpdate], now: datetime) -> None:
        """Store the outcomes of claimed notifications; a lost claim changes nothing.

        Nearly all mails are sent. One statement stores all of these: the server's work for it is
        two thirds of that for a statement each.
        """
        sent = [each for each in updates if isinstance(each.outcome, Sent)]
        others = [
            UpdateOne({"_id": each.notification_id, "claim": self._holder}, as_change(each, now))
            for each in updates
            if not isinstance(each.outcome, Sent)
        ]
        with translated_errors():
            if sent:
                ids = {"$in": [each.notification_id for each in sent]}
                held = {"_id": ids, "claim": self._holder}
                await self._collection.update_many(held, as_joint_change(sent, now))
            if others:
                await self._collection.bulk_write(others, ordered=False)

    async def release_claims(self, notification_ids: Sequence[str], now: datetime) -> None:
        """Release claimed notifications, so that they are due again."""
        with translated_errors():
            await self._collection.update_many(
                {"_id": {"$in": list(notification_ids)}, "claim": self._holder},
                {"$set": {"state": "due", "due_at": now}, "$unset": {"claim": ""}},
            )

    async def make_due(self, application_ids: Sequence[str], now: datetime) -> bool:
        """Make waiting and deferred notifications due; return whether there were any."""
        held = {"$in": ["waiting-for-contact", "temporary-failure"]}
        with translated_errors():
            released = await self._collection.update_many(
                {"application_id": {"$in": list(application_ids)}, "state": held},
                {"$set": {"due_at": now}},
            )
        return released.modified_count > 0

    async def of(self, application_id: str) -> list[Status]:
        """Return an application's notifications, the earliest fact first.

        Of a resent one only the last: what became of it is the status of the notification.
        """
        last = {"application_id": application_id, "is_resent": {"$exists": False}}
        with translated_errors():
            found = self._collection.find(last)
            return [as_status(each) async for each in found.sort("occurred_at")]

    async def waiting(self) -> Mapping[State, int]:
        """Return the number of unfinished notifications by state."""
        unfinished = {"due_at": {"$gt": _LONG_AGO}}
        with translated_errors():
            return {
                state: await self._collection.count_documents({**unfinished, "state": state})
                for state in WAITING_STATES
            }


def _stored_ahead_of(now: datetime) -> Document:
    """Match notifications stored, and never claimed, while the clock was far ahead."""
    return {"state": "due", "due_at": {"$gt": now + _CLOCK_JUMPED}}
