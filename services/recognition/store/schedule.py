"""The schedule of reviews: which candidacy is due when.

Unlike the facts, its entries are updated. It holds no facts: the next event restores a lost
entry, and a review too many changes nothing.
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
from shared.mongo_indexes import create_indexes


@dataclass(frozen=True, slots=True)
class ScheduledReview:
    """A scheduled review of an application. `touched` counts the events that requested it.

    `announced` are the keys of the conclusions that are certainly published.
    """

    application_id: str
    touched: int
    announced: frozenset[str]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A completed review: what is announced now, and when to review again, if ever."""

    review: ScheduledReview
    announced: Sequence[str]
    next_review_at: datetime | None


class MongoSchedule:
    """The schedule in one collection, `agenda`, `_id` = application id."""

    def __init__(self, database: Database) -> None:
        self._reviews: Collection = database["agenda"]

    async def prepare(self) -> None:
        """Create the index; idempotent."""
        await create_indexes(self._reviews, IndexModel("look_at", sparse=True))

    async def touch(self, application_ids: Iterable[str], now: datetime) -> None:
        """Schedule reviews of these applications as soon as possible."""
        request = {"$set": {"look_at": now}, "$inc": {"touched": 1}}
        changes = [UpdateOne({"_id": each}, request, upsert=True) for each in set(application_ids)]
        if changes:
            with translated_errors():
                await self._reviews.bulk_write(changes, ordered=False)

    async def due(self, now: datetime, limit: int) -> Sequence[ScheduledReview]:
        """Return due reviews, the longest due first."""
        with translated_errors():
            found = self._reviews.find({"look_at": {"$lte": now}}).sort("look_at").limit(limit)
            return [
                ScheduledReview(each["_id"], each["touched"], frozenset(each.get("announced", ())))
                async for each in found
            ]

    async def complete(self, reviewed: Sequence[Reviewed]) -> None:
        """Store the outcome of reviews; those touched meanwhile stay due."""
        changes = [
            UpdateOne(
                {"_id": each.review.application_id, "touched": each.review.touched},
                {
                    "$addToSet": {"announced": {"$each": list(each.announced)}},
                    **(
                        {"$set": {"look_at": each.next_review_at}}
                        if each.next_review_at
                        else {"$unset": {"look_at": ""}}
                    ),
                },
            )
            for each in reviewed
        ]
        if changes:
            with translated_errors():
                await self._reviews.bulk_write(changes, ordered=False)
