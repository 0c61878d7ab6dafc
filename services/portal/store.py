"""Facts in MongoDB: inserted once, never updated, so that a repeat changes nothing."""

from collections.abc import Collection as Ids
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from services.portal.rules import TYPES, Fact, FactKind
from shared.mongo import Collection, Database, Document, keep_first, translated_errors

_TYPES: Final = {each.__name__: each for each in TYPES}
_WITHOUT_CONTENT: Final = {"content": False}
_READ_UNTIL: Final = "read-until"


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
        """Return the facts whose ids are not in `known`, images without their bytes."""
        with translated_errors():
            ids = [each["_id"] async for each in self._facts.find({}, {"_id": True})]
            new = [each for each in ids if each not in known]
            found = self._facts.find({"_id": {"$in": new}}, _WITHOUT_CONTENT)
            return [_as_fact(each) async for each in found]

    async def content(self, fact_id: str) -> bytes | None:
        """Return the bytes of an image."""
        with translated_errors():
            found = await self._facts.find_one({"_id": fact_id}, {"content": True})
        return bytes(found["content"]) if found else None


class MongoReadUntil:
    """The moment until which the facts are complete, in one document."""

    def __init__(self, database: Database) -> None:
        self._progress: Collection = database["progress"]

    async def read_until(self) -> datetime | None:
        """Return the moment; `None` while none is kept."""
        with translated_errors():
            found = await self._progress.find_one({"_id": _READ_UNTIL})
        return found["moment"] if found else None

    async def keep_read_until(self, moment: datetime) -> None:
        """Keep a moment, unless a later one is kept."""
        with translated_errors():
            await self._progress.update_one(
                {"_id": _READ_UNTIL}, {"$max": {"moment": moment}}, upsert=True
            )


def _as_document(fact: Fact) -> Document:
    document: Document = {"_id": fact.id, "kind": fact.kind, "data": fact.data.model_dump_json()}
    return document | ({"content": fact.content} if fact.content else {})


def _as_fact(document: Document) -> Fact:
    kind: FactKind = document["kind"]
    data = _TYPES[kind].model_validate_json(document["data"])
    return Fact(document["_id"], kind, data, document.get("content", b""))
