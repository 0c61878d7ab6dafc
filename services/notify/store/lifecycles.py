"""What ends older messages: which applications were amended, and which withdrawn.

Facts about one application come on several topics, with no order between them. A standing is kept
before the messages of its batch and looked up when a message is about to be sent, so it counts
whichever of the two came first.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from services.notify.model import Lifecycle, Notification
from shared.mongo import Collection, Document, UpdateOne, translated_errors

_FIRST_VERSION: Final = 1


class MongoLifecycles:
    """Standings in one collection, `_id` = application id; none as long as it is as submitted."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def keep(self, notifications: Sequence[Notification]) -> None:
        """Keep what these show of their applications; nothing that is older undoes it."""
        changes = [
            UpdateOne({"_id": each.application_id}, _change(each), upsert=True)
            for each in notifications
            if each.version > _FIRST_VERSION or each.about == "withdrawn"
        ]
        if changes:
            with translated_errors():
                await self._collection.bulk_write(changes, ordered=False)

    async def find(self, application_ids: Sequence[str]) -> Mapping[str, Lifecycle]:
        """Find the standings of these applications; one that is as submitted is left out."""
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
