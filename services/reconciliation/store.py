"""Expectations in MongoDB: open until they are met, whichever side arrives first.

There is no order between topics, so a decision may be read before its application. Both sides write
the same document: the expecting side inserts it as open unless it exists; the meeting side leaves
nothing in it but its `_id`, or inserts it so. What one batch expects and meets, as most do, is
inserted as met. So repeats change nothing, and only open expectations are indexed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.reconciliation.rules import STAGES, Consequences, Expectation, Stage
from shared.mongo import (
    ASCENDING,
    Collection,
    Database,
    Document,
    IndexModel,
    insert_new,
    translated_errors,
)
from shared.mongo_indexes import create_indexes

_ID: Final = ["_id"]
_CLEARED: Final = {
    "$unset": dict.fromkeys(
        (
            "stage",
            "subject",
            "application_id",
            "version",
            "since",
            "noticed_at",
            "outlives_withdrawal",
        ),
        "",
    )
}


@dataclass(frozen=True, slots=True)
class Orphan:
    """A version of an application with a missing stage, and since when it is expected.

    `subject` identifies what is missing: the decision, or the notification by its id.
    """

    application_id: str
    version: int
    stage: Stage
    since: datetime
    subject: str


class MongoExpectations:
    """Expectations in one collection, `_id` = `<stage>/<subject>`; withdrawals in another."""

    def __init__(self, database: Database) -> None:
        self._expectations: Collection = database["expectations"]
        self._withdrawals: Collection = database["withdrawals"]

    async def prepare(self) -> None:
        """Create the indexes; idempotent."""
        overdue = IndexModel([("stage", ASCENDING), ("noticed_at", ASCENDING)], sparse=True)
        by_application = IndexModel("application_id", sparse=True)
        await create_indexes(self._expectations, overdue, by_application)

    async def keep(self, batch: Sequence[Consequences], now: datetime) -> None:
        """Store the consequences of a batch of facts; idempotent.

        A withdrawal is written before the expectations that it ends are looked up, and expectations
        before withdrawals are looked up: whichever comes second sees the other.
        """
        withdrawn = {each.withdrawn for each in batch if each.withdrawn}
        met = {each for one in batch for each in one.met}
        expected = {each.id: each for one in batch for each in one.expected}
        opened = [each for each in expected.values() if each.id not in met]
        touched = withdrawn | {each.application_id for each in opened}
        with translated_errors():
            await insert_new(self._withdrawals, [{"_id": each} for each in sorted(withdrawn)])
            settled = met & expected.keys()
            await self._close(met - settled | await self._insert(opened, settled, now))
            if touched:
                await self._close_withdrawn(sorted(touched))

    async def _insert(
        self, opened: Sequence[Expectation], settled: Iterable[str], now: datetime
    ) -> set[str]:
        """Insert expectations that are new; return the settled ones that are not."""
        documents = [_document(each, now) for each in opened]
        documents += [{"_id": each} for each in sorted(settled)]
        return {*await insert_new(self._expectations, documents)} & {*settled}

    async def _close(self, ids: Iterable[str]) -> None:
        """Mark expectations as met, also those that are not noticed yet."""
        if met := sorted(ids):
            closed = await self._clear(met)
            if closed < len(met):
                await self._close_early(met)

    async def _close_early(self, ids: Sequence[str]) -> None:
        """Insert as met what is not noticed yet.

        Another member may insert the same as open at any time: of those that exist, any may be
        newer than the update before.
        """
        known = [each["_id"] async for each in self._expectations.find({"_id": {"$in": ids}}, _ID)]
        early = [{"_id": each} for each in sorted({*ids}.difference(known))]
        await self._clear([*known, *await insert_new(self._expectations, early)])

    async def _clear(self, ids: Sequence[str]) -> int:
        """Mark those that exist as met, and return their number.

        One update for all of them: an upsert of each would cost the server several times as much.
        """
        if not ids:
            return 0
        done = await self._expectations.update_many({"_id": {"$in": ids}}, _CLEARED)
        return int(done.matched_count)

    async def _close_withdrawn(self, application_ids: Sequence[str]) -> None:
        found = self._withdrawals.find({"_id": {"$in": list(application_ids)}})
        withdrawn = [each["_id"] async for each in found]
        if withdrawn:
            await self._expectations.update_many(
                {"application_id": {"$in": withdrawn}, "outlives_withdrawal": False}, _CLEARED
            )

    async def count(self, before: Mapping[Stage, datetime]) -> Mapping[Stage, int]:
        """Return the number of orphans by stage: open expectations noticed before a time."""
        with translated_errors():
            return {
                stage: await self._expectations.count_documents(_overdue(stage, before[stage]))
                for stage in STAGES
            }

    async def find(self, stage: Stage, before: datetime, limit: int) -> Sequence[Orphan]:
        """Return the orphans of a stage, the longest noticed first."""
        with translated_errors():
            found = self._expectations.find(_overdue(stage, before)).sort("noticed_at").limit(limit)
            return [_as_orphan(each) async for each in found]


def _overdue(stage: Stage, before: datetime) -> Document:
    return {"stage": stage, "noticed_at": {"$lte": before}}


def _document(expectation: Expectation, now: datetime) -> Document:
    return {
        "_id": expectation.id,
        "stage": expectation.stage,
        "subject": expectation.subject,
        "application_id": expectation.application_id,
        "version": expectation.version,
        "since": expectation.since,
        # Not by `since`: while history is read, the event that meets an old fact may still come.
        "noticed_at": now,
        "outlives_withdrawal": expectation.outlives_withdrawal,
    }


def _as_orphan(document: Document) -> Orphan:
    return Orphan(
        document["application_id"],
        document["version"],
        document["stage"],
        document["since"],
        document["subject"],
    )
