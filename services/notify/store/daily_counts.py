"""How many messages were begun on each day, by all instances together."""

from datetime import date

from shared.mongo import Collection, insert_new, translated_errors


class MongoDailyCounts:
    """How many messages all instances began on each day, `_id` = the day."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._prepared: date | None = None

    async def count(self, day: date) -> int:
        """Tell how many were begun on a day."""
        with translated_errors():
            found = await self._collection.find_one({"_id": day.isoformat()})
        return int(found["begun"]) if found else 0

    async def reserve(self, day: date, wanted: int, limit: int) -> int:
        """Count so many more, but none over the limit; return how many those are."""
        await self._prepare(day)
        raised = {"$max": ["$begun", {"$min": [limit, {"$add": ["$begun", wanted]}]}]}
        with translated_errors():
            before = await self._collection.find_one_and_update(
                {"_id": day.isoformat()}, [{"$set": {"begun": raised}}]
            )
        return max(0, min(wanted, limit - int(before["begun"])))

    async def give_back(self, day: date, number: int) -> None:
        """Count so many less: they were reserved and not begun."""
        with translated_errors():
            await self._collection.update_one(
                {"_id": day.isoformat()}, {"$inc": {"begun": -number}}
            )

    async def _prepare(self, day: date) -> None:
        if self._prepared != day:
            with translated_errors():
                await insert_new(self._collection, [{"_id": day.isoformat(), "begun": 0}])
            self._prepared = day
