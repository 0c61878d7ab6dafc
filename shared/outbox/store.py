"""Stores events in MongoDB until `shared.outbox.relay` has published them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from shared.events.envelope import Outgoing
from shared.mongo import Collection, Document, IndexModel, translated_errors
from shared.mongo_indexes import create_indexes


@dataclass(frozen=True, slots=True)
class Unpublished:
    """The unpublished events of one document, in the order in which they are published."""

    id: Any
    events: Sequence[Outgoing]


@dataclass(frozen=True, slots=True)
class Backlog:
    """The number of documents with unpublished events, and since when the oldest waits."""

    documents: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Claim:
    """A process's claim on unpublished documents: others leave them alone for `seconds`."""

    by: str
    seconds: float


class OutboxStore(Protocol):
    """A store of unpublished events."""

    async def prepare(self) -> None:
        """Create the indexes; idempotent."""

    async def claim_due(self, before: datetime, limit: int, claim: Claim) -> Sequence[Unpublished]:
        """Claim documents that wait since `before` or longer and are free, the oldest first."""
        ...

    async def renew(self, ids: Sequence[Any], claim: Claim) -> None:
        """Renew a claim, except on documents that another process has claimed since."""

    async def mark_published(self, ids: Sequence[Any], now: datetime, by: str = "") -> None:
        """Mark documents as published and delete the bytes of their events.

        Documents claimed by a process other than `by` are left to it: it publishes them again.
        """

    async def backlog(self) -> Backlog:
        """Return the size and age of the backlog."""
        ...


def outbox_field(events: Iterable[Outgoing], since: datetime, after: Any = None) -> Document:
    """Build the field `outbox` of a document from its events.

    With `after`, the events wait until those of the document with that `_id` are published. `since`
    must then be later than that document's, or a full backlog could hold them back forever.
    """
    return {
        "since": since,
        **({} if after is None else {"after": after}),
        "events": [
            {
                "topic": event.topic,
                "key": event.key,
                "value": event.value,
                "headers": dict(event.headers),
                "time": event.time,
            }
            for event in events
        ],
    }


def outbox_events(field: Document) -> list[Outgoing]:
    """Read the events back from a field `outbox`, equal to the original ones."""
    return [
        Outgoing(**{**each, "headers": list(each["headers"].items())}) for each in field["events"]
    ]


class MongoOutbox:
    """Unpublished events in the field `outbox` of a collection's documents.

    Publishing replaces the field by `published_at`, so no personal data stays in it.
    """

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def prepare(self) -> None:
        """See `OutboxStore.prepare`."""
        await create_indexes(self._collection, IndexModel("outbox.since", sparse=True))

    async def due(self, before: datetime, limit: int) -> Sequence[Unpublished]:
        """Return documents that wait since `before` or longer, the oldest first, claimed or not."""
        with translated_errors():
            return await self._waiting(_due(before), limit)

    async def claim_due(self, before: datetime, limit: int, claim: Claim) -> Sequence[Unpublished]:
        """See `OutboxStore.claim_due`; of two concurrent claims on a document one succeeds."""
        free = {"$or": _free_for(claim)}
        with translated_errors():
            found = await self._waiting({"$and": [_due(before), free]}, limit)
            if not found:
                return []
            ids = {"$in": [each.id for each in found]}
            await self._claim({"_id": ids, **free}, claim)
            ours = self._collection.find({"_id": ids, "outbox.claim.by": claim.by}, ["_id"])
            claimed = {each["_id"] async for each in ours}
        return [each for each in found if each.id in claimed]

    async def _waiting(self, which: Document, limit: int) -> list[Unpublished]:
        waiting = self._collection.find(which, {"outbox": True})
        found = [each async for each in waiting.sort("outbox.since").limit(limit)]
        blocking = await self._unpublished(
            [each["outbox"]["after"] for each in found if "after" in each["outbox"]]
        )
        return [
            Unpublished(each["_id"], outbox_events(each["outbox"]))
            for each in found
            if each["outbox"].get("after") not in blocking
        ]

    async def renew(self, ids: Sequence[Any], claim: Claim) -> None:
        """See `OutboxStore.renew`."""
        with translated_errors():
            await self._claim({"_id": {"$in": list(ids)}, "outbox.claim.by": claim.by}, claim)

    async def _claim(self, which: Document, claim: Claim) -> None:
        # By the database's clock, because the clocks of the processes may differ.
        until = {"$add": ["$$NOW", round(claim.seconds * 1000)]}
        await self._collection.update_many(
            {**which, "outbox": {"$exists": True}},
            [{"$set": {"outbox.claim": {"by": {"$literal": claim.by}, "until": until}}}],
        )

    async def _unpublished(self, ids: Sequence[Any]) -> set[Any]:
        if not ids:
            return set()
        waiting = self._collection.find({"_id": {"$in": ids}, "outbox": {"$exists": True}}, ["_id"])
        return {each["_id"] async for each in waiting}

    async def mark_published(self, ids: Sequence[Any], now: datetime, by: str = "") -> None:
        """See `OutboxStore.mark_published`; one update for all of them."""
        ours = {"outbox": {"$exists": True}, "outbox.claim.by": {"$in": [None, by]}}
        with translated_errors():
            await self._collection.update_many(
                {"_id": {"$in": list(ids)}, **ours},
                {"$unset": {"outbox": ""}, "$set": {"published_at": now}},
            )

    async def backlog(self) -> Backlog:
        """See `OutboxStore.backlog`."""
        waiting = {"outbox.since": {"$exists": True}}
        with translated_errors():
            documents = await self._collection.count_documents(waiting)
            oldest = await self._collection.find_one(
                waiting, {"outbox.since": True}, sort=[("outbox.since", 1)]
            )
        return Backlog(documents, oldest["outbox"]["since"] if oldest else None)


def _due(before: datetime) -> Document:
    """Match documents waiting since then, and those stored while the clock was far ahead."""
    ahead = before + _CLOCK_JUMPED
    return {"$or": [{"outbox.since": {"$lte": before}}, {"outbox.since": {"$gt": ahead}}]}


# More than the clocks of concurrent processes ever differ.
_CLOCK_JUMPED: Final = timedelta(minutes=10)


def _free_for(claim: Claim) -> list[Document]:
    """Match documents that nobody claims, that the claimant holds, or whose claim has expired."""
    return [
        {"outbox.claim.by": {"$in": [None, claim.by]}},
        {"$expr": {"$lte": ["$outbox.claim.until", "$$NOW"]}},
    ]
