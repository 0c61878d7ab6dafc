"""Applications in MongoDB, one document each, and which of them changed since they were counted.

Parts of a document are replaced by greater ones only (`$max`), so neither order nor repeats matter.
Ids are uniformly distributed, so their first digits split the documents into equal buckets, each of
which is counted by itself. After each write its buckets get a new mark: a bucket whose mark is that
of the last count has not changed.
"""

from collections.abc import Mapping, Sequence
from inspect import isawaitable
from secrets import token_hex
from typing import Any, Final

from services.portal.statistics.entries import Entry
from services.portal.statistics.tally import NO_PHASE, TABLES, Cell, Cells, Tally, total
from shared.mongo import Collection, Database, Document, UpdateOne, translated_errors

_MARKS: Final = "marks"
_DIGITS: Final = 2  # of an id name its bucket: there are 256


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
        buckets = sorted({each.application_id[:_DIGITS] for each in entries})
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
    tables = {name: _as_cells(facets[name]) for name in TABLES}
    return Tally(tables, sum(each["number"] for each in facets[_DECIDED]))


def _as_cells(rows: Sequence[Document]) -> Cells:
    """Return the cells of a table, from its numbers by code and status."""
    found: dict[str, Cell] = {}
    for row in rows:
        code, number = row["_id"]["code"], row["number"]
        one = Cell(applications=number)
        if counter := _COUNTERS.get(row["_id"]["status"]):
            one = one._replace(**{counter: number})
        if counter == "approved":
            one = one._replace(cents=row["cents"])
        found[code] = total([found.get(code, Cell()), one])
    return found


def _pipeline(bucket: str) -> list[Document]:
    """Count by each field alone. Other statuses than those of `_COUNTERS` are still open."""
    ids = {"$gte": bucket, "$lt": f"{bucket}g"}  # what follows is a digit up to f, or a hyphen
    tables = {name: _table(*each) for name, each in TABLES.items()}
    decided = [{"$match": {"decided": True}}, {"$count": "number"}]
    return [
        {"$match": {"_id": ids, "application": {"$exists": True}}},
        {"$project": _PROJECTION},
        {"$facet": tables | {_DECIDED: decided}},
    ]


def _table(scheme: str, field: str) -> list[Document]:
    key = {"code": f"${field}", "status": "$status"}
    numbers = {"number": {"$sum": 1}, "cents": {"$sum": "$grant"}}
    return [{"$match": {"scheme": scheme}}, {"$group": {"_id": key, **numbers}}]


def _if(condition: Any, then: Any, otherwise: Any) -> Document:
    return {"$cond": [condition, then, otherwise]}


_DECIDED: Final = "decided"
_COUNTERS: Final = {
    "eligible": "approved",
    "ineligible": "refused",
    "not-qualified": "refused",
    "withdrawn": "withdrawn",
}
_IS_CURRENT: Final = {"$eq": ["$decision.version", "$application.version"]}
_IS_WITHDRAWN: Final = {"$gt": ["$withdrawn", None]}
_PROJECTION: Final = {
    "_id": False,
    **{each: f"$application.{each}" for each in ("scheme", "stream", "industry", "place", "month")},
    "phase": _if(_IS_CURRENT, {"$ifNull": ["$decision.phase", NO_PHASE]}, NO_PHASE),
    "status": _if(_IS_WITHDRAWN, "withdrawn", _if(_IS_CURRENT, "$decision.outcome", "in-progress")),
    "grant": "$decision.grant_cents",
    "decided": {"$gt": ["$decision", None]},
}
