"""Facts in MongoDB: inserted once, never updated, so that a repeat changes nothing."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from collections.abc import Collection as Ids
from datetime import datetime
from typing import Any, Final

from services.portal.rules import TYPES, Fact, FactKind
from shared.mongo import Collection, Database, Document, keep_first, translated_errors

_TYPES: Final = {each.__name__: each for each in TYPES}
_WITHOUT_CONTENT: Final = {"content": False}
_IDS_AT_ONCE: Final = 1_000
_FACTS_AT_ONCE: Final = 20  # some milliseconds of parsing
_READ_UNTIL: Final = "read-until"
_REBUILD: Final = "rebuild"


class MongoFacts:
    """Facts in one collection, `_id` = the fact's id."""

    def __init__(self, database: Database) -> None:
        self._facts: Collection = database["facts"]

    async def keep(self, facts: Sequence[Fact]) -> Sequence[Fact]:
        """Store a batch of facts; return what is stored, also from before. Idempotent."""
        stored = await keep_first(self._facts, [_as_document(each) for each in facts])
        return [_as_fact(each) for each in stored]

    async def count(self) -> int:
        """Return about how many facts there are, without reading them."""
        with translated_errors():
            return int(await self._facts.estimated_document_count())

    async def unknown(self, known: Ids[str]) -> Sequence[Fact]:
        """Return the facts whose ids are not in `known`, images without their bytes.

        Other tasks run meanwhile, however many there are.
        """
        with translated_errors():
            stored = self._facts.find({}, {"_id": True}, batch_size=_IDS_AT_ONCE)
            ids = [each["_id"] async for each in _in_parts(stored, _IDS_AT_ONCE)]
            new = [each for each in ids if each not in known]
            found = self._facts.find(
                {"_id": {"$in": new}}, _WITHOUT_CONTENT, batch_size=_FACTS_AT_ONCE
            )
            return [_as_fact(each) async for each in _in_parts(found, _FACTS_AT_ONCE)]

    async def content(self, fact_id: str) -> bytes | None:
        """Return the bytes of an image; none of them if it was stored without."""
        with translated_errors():
            found = await self._facts.find_one({"_id": fact_id}, {"content": True})
        return bytes(found.get("content", b"")) if found else None


class MongoReadUntil:
    """The moment until which the facts are complete, in one document."""

    def __init__(self, database: Database) -> None:
        self._progress: Collection = database["progress"]

    async def read_until(self) -> datetime | None:
        """Return the moment; `None` while none is kept."""
        with translated_errors():
            found = await self._progress.find_one({"_id": _READ_UNTIL})
        return found["moment"] if found else None

    async def is_being_filled(self) -> bool:
        """Return whether a rebuild has begun and not yet filled the database."""
        with translated_errors():
            return await self._progress.find_one({"_id": _REBUILD}) is not None

    async def begin_filling(self) -> None:
        """Note that the database lacks facts that the group has read, until `end_filling`."""
        await keep_first(self._progress, [{"_id": _REBUILD}])

    async def end_filling(self) -> None:
        """Note that the database has all facts that the group has read."""
        with translated_errors():
            await self._progress.delete_one({"_id": _REBUILD})

    async def keep_read_until(self, moment: datetime) -> None:
        """Keep a moment, unless a later one is kept."""
        with translated_errors():
            await self._progress.update_one(
                {"_id": _READ_UNTIL}, {"$max": {"moment": moment}}, upsert=True
            )


async def _in_parts(documents: Any, at_once: int) -> AsyncIterator[Document]:
    """Yield documents, and let other tasks run now and then: a cursor alone waits only for data."""
    number = 0
    async for each in documents:
        yield each
        number += 1
        if number % at_once == 0:
            await asyncio.sleep(0)


def _as_document(fact: Fact) -> Document:
    document: Document = {"_id": fact.id, "kind": fact.kind, "data": fact.data.model_dump_json()}
    return document | ({"content": fact.content} if fact.content else {})


def _as_fact(document: Document) -> Fact:
    kind: FactKind = document["kind"]
    data = _TYPES[kind].model_validate_json(document["data"])
    return Fact(document["_id"], kind, data, document.get("content", b""))
