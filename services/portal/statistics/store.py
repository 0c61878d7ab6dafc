"""Applications in MongoDB, one document each, and which of them changed since they were counted.

Parts of a document are replaced by greater ones only (`$max`), so neither order nor repeats matter.
Ids are uniformly distributed, so their first digit splits the documents into equal buckets, each of
which is counted by itself. After each write its buckets get a new mark: a bucket whose mark is that
of the last count has not changed.
"""

from collections.abc import Mapping, Sequence
from inspect import isawaitable
from secrets import token_hex
from typing import Any, Final

from services.portal.statistics.entries import Entry
from services.portal.statistics.tally import TABLES, Cell, Tally
from shared.mongo import Collection, Database, Document, UpdateOne, translated_errors

_MARKS: Final = "marks"
_NO_PHASE: Final = "no-phase"


class MongoApplications:
    """What is known of each application, `_id` = its id."""

    def __init__(self, database: Database) -> None:
        self._applications: Collection = database["applications"]
        self._marks: Collection = database["marks"]

    async def keep(self, entries: Sequence[Entry]) -> None:
        """Store a batch of entries; idempotent."""
        if not entries:
            return
        updates = [
            UpdateOne({"_id": each.application_id}, {"$max": {each.part: each.value}}, upsert=True)
            for each in entries
        ]
        buckets = sorted({each.application_id[0] for each in entries})
        new = {"$set": dict.fromkeys(buckets, token_hex(8))}
        with translated_errors():
            await self._applications.bulk_write(updates, ordered=False)
            await self._marks.update_one({"_id": _MARKS}, new, upsert=True)

    async def marks(self) -> Mapping[str, str]:
        """Return the mark of each bucket that has documents."""
        with translated_errors():
            found = await self._marks.find_one({"_id": _MARKS}, {"_id": False})
        return found or {}

    async def tally(self, bucket: str) -> Tally:
        """Count the documents of a bucket."""
        with translated_errors():
            found: Any = self._applications.aggregate(_pipeline(bucket))
            cursor = await found if isawaitable(found) else found  # the drivers differ in this
            (facets,) = [each async for each in cursor]
        return _as_tally(facets)


def _as_tally(facets: Document) -> Tally:
    tables = {
        name: {row["_id"]: Cell(**{k: row[k] for k in Cell._fields}) for row in facets[name]}
        for name in TABLES
    }
    decisions = sum(row["decisions"] for row in facets["stream"] + facets["category"])
    return Tally(tables, decisions)


def _pipeline(bucket: str) -> list[Document]:
    """Count each combination of the fields first: there are fewer of them than documents."""
    ids = {"$gte": bucket, "$lt": chr(ord(bucket) + 1)}
    return [
        {"$match": {"_id": ids, "application": {"$exists": True}}},
        {"$project": _PROJECTION},
        {"$group": {"_id": _COMBINATION, **_COUNTS}},
        {"$facet": {name: _alone(*table) for name, table in TABLES.items()}},
    ]


def _alone(scheme: str, field: str) -> list[Document]:
    sums = {each: {"$sum": f"${each}"} for each in (*Cell._fields, "decisions")}
    return [
        {"$match": {"_id.scheme": scheme}},
        {"$group": {"_id": f"$_id.{field}", **sums}},
    ]


def _if(condition: Any, then: Any, otherwise: Any) -> Document:
    return {"$cond": [condition, then, otherwise]}


_IS_CURRENT: Final = {"$eq": ["$decision.version", "$application.version"]}
_IS_WITHDRAWN: Final = {"$gt": ["$withdrawn", None]}
_PROJECTION: Final = {
    "_id": False,
    "application": True,
    "decided": {"$gt": ["$decision", None]},
    "grant": "$decision.grant_cents",
    "phase": _if(_IS_CURRENT, {"$ifNull": ["$decision.phase", _NO_PHASE]}, _NO_PHASE),
    "status": _if(_IS_WITHDRAWN, "withdrawn", _if(_IS_CURRENT, "$decision.outcome", "in-progress")),
}
_COMBINATION: Final = {
    "scheme": "$application.scheme",
    "stream": "$application.stream",
    "industry": "$application.industry",
    "place": "$application.place",
    "month": "$application.month",
    "phase": "$phase",
}


def _number_of(*statuses: str) -> Document:
    return {"$sum": _if({"$in": ["$status", list(statuses)]}, 1, 0)}


_COUNTS: Final = {
    "applications": {"$sum": 1},
    "approved": _number_of("eligible"),
    "refused": _number_of("ineligible", "not-qualified"),
    "withdrawn": _number_of("withdrawn"),
    "cents": {"$sum": _if({"$eq": ["$status", "eligible"]}, "$grant", 0)},
    "decisions": {"$sum": _if("$decided", 1, 0)},
}
