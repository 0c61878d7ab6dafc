"""Amendments and withdrawals of applications, which end older messages.

Facts about one application arrive on several topics, in no order. A lifecycle is stored before the
messages of its batch and looked up before a message is sent, so it applies whichever came first.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from services.notify.model import Lifecycle, Notification
from shared.mongo import Collection, Document, UpdateOne, translated_errors

_FIRST_VERSION: Final = 1


class MongoLifecycles:
    """Lifecycles in one collection, `_id` = application id.

    There is no document until the application is amended or withdrawn.
    """

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def keep(self, notifications: Sequence[Notification]) -> None:
        """Store the lifecycles in these facts; an older fact never overwrites a newer one."""
        changes = [
            UpdateOne({"_id": each.application_id}, _change(each), upsert=True)
            for each in notifications
            if each.version > _FIRST_VERSION or each.about == "withdrawn"
        ]
        if changes:
            with translated_errors():
                await self._collection.bulk_write(changes, ordered=False)

    async def find(self, application_ids: Sequence[str]) -> Mapping[str, Lifecycle]:
        """Return the lifecycles of these applications, without those never amended or withdrawn."""
        with translated_errors():
            found = self._collection.find({"_id": {"$in": list(application_ids)}})
            return {each["_id"]: _as_standing(each) async for each in found}


def _change(notification: Notification) -> Document:
    newest = {"$max": {"newest_version": notification.version}}
    if notification.about != "withdrawn":
        return newest
    return {**newest, "$set": {"is_withdrawn": True}}


def _as_standing(document: Document) -> Lifecycle:
    return Lifecycle(document["newest_version"], document.get("is_withdrawn", False))
