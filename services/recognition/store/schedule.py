"""When to look at which candidacy again: all that a sweep needs to find what is due.

The one thing here that is updated. It holds no facts: what is lost of it is put back by the next
event, and what is looked at too often leads to nothing new.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.mongo import (
    Collection,
    Database,
    IndexModel,
    UpdateOne,
    translated_errors,
)


@dataclass(frozen=True, slots=True)
class ScheduledReview:
    """An application to look at. `touched` counts the events that asked for it.

    `announced` are the conclusions that are on their topic for certain.
    """

    application_id: str
    touched: int
    announced: frozenset[str]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """An item that was looked at: what is announced now, and when to look again, if ever."""

    item: ScheduledReview
    announced: Sequence[str]
    look_at: datetime | None


class MongoSchedule:
    """The agenda in one collection, `_id` = application id."""

    def __init__(self, database: Database) -> None:
        self._items: Collection = database["agenda"]

    async def prepare(self) -> None:
        """Create the index; may be repeated."""
        with translated_errors():
            await self._items.create_indexes([IndexModel("look_at", sparse=True)])

    async def touch(self, application_ids: Iterable[str], now: datetime) -> None:
        """Ask for a look at these applications as soon as possible."""
        asked = {"$set": {"look_at": now}, "$inc": {"touched": 1}}
        changes = [UpdateOne({"_id": each}, asked, upsert=True) for each in set(application_ids)]
        if changes:
            with translated_errors():
                await self._items.bulk_write(changes, ordered=False)

    async def due(self, now: datetime, limit: int) -> Sequence[ScheduledReview]:
        """Find what is to be looked at, the longest due first."""
        with translated_errors():
            found = self._items.find({"look_at": {"$lte": now}}).sort("look_at").limit(limit)
            return [
                ScheduledReview(each["_id"], each["touched"], frozenset(each.get("announced", ())))
                async for each in found
            ]

    async def complete(self, reviewed: Sequence[Reviewed]) -> None:
        """Note the outcome of a look; what was touched meanwhile stays due."""
        changes = [
            UpdateOne(
                {"_id": each.item.application_id, "touched": each.item.touched},
                {
                    "$addToSet": {"announced": {"$each": list(each.announced)}},
                    **(
                        {"$set": {"look_at": each.look_at}}
                        if each.look_at
                        else {"$unset": {"look_at": ""}}
                    ),
                },
            )
            for each in reviewed
        ]
        if changes:
            with translated_errors():
                await self._items.bulk_write(changes, ordered=False)
