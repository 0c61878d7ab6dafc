"""The number of attempts on each day, over all instances."""

from datetime import date

from shared.mongo import Collection, insert_new, translated_errors


class MongoDailyCounts:
    """Attempts of all instances by day, `_id` = the day."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._prepared: date | None = None

    async def count(self, day: date) -> int:
        """Return the number of attempts on a day."""
        with translated_errors():
            found = await self._collection.find_one({"_id": day.isoformat()})
        return int(found["begun"]) if found else 0

    async def reserve(self, day: date, wanted: int, limit: int) -> int:
        """Reserve up to `wanted` attempts within the limit; return how many were reserved."""
        await self._prepare(day)
        raised = {"$max": ["$begun", {"$min": [limit, {"$add": ["$begun", wanted]}]}]}
        with translated_errors():
            before = await self._collection.find_one_and_update(
                {"_id": day.isoformat()}, [{"$set": {"begun": raised}}]
            )
        return max(0, min(wanted, limit - int(before["begun"])))

    async def release(self, day: date, number: int) -> None:
        """Release reserved attempts that were not made."""
        with translated_errors():
            await self._collection.update_one(
                {"_id": day.isoformat()}, {"$inc": {"begun": -number}}
            )

    async def _prepare(self, day: date) -> None:
        if self._prepared != day:
            with translated_errors():
                await insert_new(self._collection, [{"_id": day.isoformat(), "begun": 0}])
            self._prepared = day
