"""Decisions in MongoDB: inserted once, never updated."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from typing import Any, Generic

from shared.decisions.model import DecisionT, Proposal, encoded
from shared.decisions.shared_values import Reasons, SharedMapping
from shared.mongo import (
    Collection,
    Document,
    as_raw_bson,
    insert_new,
    translated_errors,
)


class MongoDecisions(Generic[DecisionT]):
    """Decisions in one collection, `_id` = `<application id>:<version>`, never updated.

    The index on `_id` is enough: decisions of one application are adjacent in it.
    """

    def __init__(self, collection: Collection, decision_type: Callable[..., DecisionT]) -> None:
        self._collection = collection
        self._decision_type = decision_type

    async def keep(self, proposals: Sequence[Proposal[DecisionT]]) -> Sequence[Proposal[DecisionT]]:
        """Insert each proposal unless its key is decided; return the stored decisions, in order.

        Within one batch the first proposal of a key wins. Idempotent.
        """
        first: dict[str, Proposal[DecisionT]] = {}
        for each in proposals:
            first.setdefault(each.idempotency_key, each)
        documents = [_as_document(key, each) for key, each in first.items()]
        with translated_errors():
            known = await insert_new(self._collection, documents)
        for each in await self.with_keys(known) if known else ():
            first[each.idempotency_key] = each
        return list(first.values())

    async def of(self, application_id: str) -> Sequence[DecisionT]:
        """Return an application's decisions, the one in force last."""
        end = application_id + chr(ord(":") + 1)
        with translated_errors():
            found = self._collection.find({"_id": {"$gte": f"{application_id}:", "$lt": end}})
            decisions = [self._as_proposal(document).decision async for document in found]
        return sorted(decisions, key=lambda each: each.order)

    async def with_keys(self, keys: Iterable[str]) -> Sequence[Proposal[DecisionT]]:
        """Return the stored decisions with these idempotency keys."""
        with translated_errors():
            found = self._collection.find({"_id": {"$in": list(keys)}})
            return [self._as_proposal(document) async for document in found]

    def _as_proposal(self, document: Document) -> Proposal[DecisionT]:
        data = {
            name: _read(value) if isinstance(value, list | dict) else value
            for name, value in document.items()
            if name not in _ENVELOPE_FIELDS
        }
        return Proposal(self._decision_type(**data), document["traceparent"])


_ENVELOPE_FIELDS = ("_id", "traceparent")


def _as_document(key: str, proposal: Proposal[Any]) -> Document:
    document = encoded(proposal.decision, _in_document)
    document["_id"] = key  # MongoDB stores it first, whatever the order here
    document["traceparent"] = proposal.traceparent
    return document


def _in_document(value: Reasons | SharedMapping) -> Any:
    if isinstance(value, SharedMapping):
        return as_raw_bson(value)
    return [as_raw_bson(asdict(each)) for each in value]


def _read(value: Any) -> Reasons | SharedMapping:
    return SharedMapping(value) if isinstance(value, dict) else Reasons.read(value)
