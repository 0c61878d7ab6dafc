"""How MongoDB keeps events until they are published; `shared.outbox.relay` publishes them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from shared.events.envelope import Outgoing
from shared.mongo import Collection, Document, IndexModel, translated_errors


@dataclass(frozen=True, slots=True)
class Unpublished:
    """The events of one kept document, in the order in which they are to be published."""

    id: Any
    events: Sequence[Outgoing]


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many documents have unpublished events, and since when the oldest of them waits."""

    documents: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Claim:
    """Which process publishes what was left behind; the others leave it alone for `seconds`."""

    by: str
    seconds: float


class OutboxStore(Protocol):
    """Where unpublished events are kept."""

    async def prepare(self) -> None:
        """Create what the queries need; may be repeated."""

    async def claim_due(self, before: datetime, limit: int, claim: Claim) -> Sequence[Unpublished]:
        """Claim what waits since `before` or longer and nobody else claims, the oldest first."""
        ...

    async def renew(self, ids: Sequence[Any], claim: Claim) -> None:
        """Go on claiming these, but for what somebody else has claimed since."""

    async def mark_published(self, ids: Sequence[Any], now: datetime, by: str = "") -> None:
        """Note that these were published, and forget their events' bytes.

        What somebody other than `by` has claimed is left to them: they publish it again.
        """

    async def backlog(self) -> Backlog:
        """Count what is unpublished."""
        ...


def outbox_field(events: Iterable[Outgoing], since: datetime, after: Any = None) -> Document:
    """Lay out unpublished events as a document keeps them in its field `outbox`.

    They are not due before those of the document `after` are published; `since` has to be later
    than that document's, or others could keep them waiting for ever.
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
    """Read a field `outbox` back; the events are equal to those it was made from."""
    return [
        Outgoing(**{**each, "headers": list(each["headers"].items())}) for each in field["events"]
    ]


class MongoOutbox:
    """Unpublished events in the field `outbox` of a collection's documents.

    The field goes when its events are published, and `published_at` comes: no personal data stays.
    """

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def prepare(self) -> None:
        """See `OutboxStore.prepare`."""
        with translated_errors():
            await self._collection.create_indexes([IndexModel("outbox.since", sparse=True)])

    async def due(self, before: datetime, limit: int) -> Sequence[Unpublished]:
        """Find what waits since `before` or longer, the oldest first, claimed or not."""
        with translated_errors():
            return await self._waiting(_due(before), limit)

    async def claim_due(self, before: datetime, limit: int, claim: Claim) -> Sequence[Unpublished]:
        """See `OutboxStore.claim_due`; of two that claim at once one gets each document."""
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
        # By the database's clock, so that those of the processes may differ.
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
    """Match what waits since then; and what was kept while the clock was far ahead of now."""
    ahead = before + _CLOCK_JUMPED
    return {"$or": [{"outbox.since": {"$lte": before}}, {"outbox.since": {"$gt": ahead}}]}


# Further than the clocks of processes that work side by side ever differ.
_CLOCK_JUMPED: Final = timedelta(minutes=10)


def _free_for(claim: Claim) -> list[Document]:
    """Match what nobody claims, what the claimant has already, and what a claim has run out on."""
    return [
        {"outbox.claim.by": {"$in": [None, claim.by]}},
        {"$expr": {"$lte": ["$outbox.claim.until", "$$NOW"]}},
    ]
