"""Decisions in MongoDB: inserted once, never updated."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from typing import Any, Generic, Protocol

from shared.decisions.model import DecisionT, Proposal, _data
from shared.decisions.shared_values import Reasons, SharedMapping
from shared.mongo import (
    Collection,
    Document,
    as_raw_bson,
    insert_new,
    translated_errors,
)


class Decisions(Protocol[DecisionT]):
    """Where decisions are kept, at most one for each version of an application."""

    async def keep(self, proposals: Sequence[Proposal[DecisionT]]) -> Sequence[Proposal[DecisionT]]:
        """Keep each proposal unless its version is decided already; return what is kept."""
        ...

    async def of(self, application_id: str) -> Sequence[DecisionT]:
        """Find an application's decisions, the one in force last."""
        ...


class MongoDecisions(Generic[DecisionT]):
    """Decisions in one collection, `_id` = `<application id>:<version>`, never updated.

    No other index is needed: those of one application stand together in that one.
    """

    def __init__(self, collection: Collection, decision_type: Callable[..., DecisionT]) -> None:
        self._collection = collection
        self._decision_type = decision_type

    async def keep(self, proposals: Sequence[Proposal[DecisionT]]) -> Sequence[Proposal[DecisionT]]:
        """See `Decisions.keep`; within one batch the first proposal wins."""
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
        """See `Decisions.of`."""
        end = application_id + chr(ord(":") + 1)
        with translated_errors():
            found = self._collection.find({"_id": {"$gte": f"{application_id}:", "$lt": end}})
            decided = [self._as_proposal(document).decision async for document in found]
        return sorted(decided, key=lambda each: each.order)

    async def with_keys(self, keys: Iterable[str]) -> Sequence[Proposal[DecisionT]]:
        """Find the kept decisions with these idempotency keys; those not kept are left out."""
        with translated_errors():
            found = self._collection.find({"_id": {"$in": list(keys)}})
            return [self._as_proposal(document) async for document in found]

    def _as_proposal(self, document: Document) -> Proposal[DecisionT]:
        data = {
            name: _read(value) if isinstance(value, list | dict) else value
            for name, value in document.items()
            if name not in _AROUND
        }
        return Proposal(self._decision_type(**data), document["traceparent"])


_AROUND = ("_id", "traceparent")


def _as_document(key: str, proposal: Proposal[Any]) -> Document:
    document = _data(proposal.decision, _in_document)
    document["_id"] = key  # stored first wherever it stands
    document["traceparent"] = proposal.traceparent
    return document


def _in_document(value: Reasons | SharedMapping) -> Any:
    if isinstance(value, SharedMapping):
        return as_raw_bson(value)
    return [as_raw_bson(asdict(each)) for each in value]


def _read(value: Any) -> Reasons | SharedMapping:
    return SharedMapping(value) if isinstance(value, dict) else Reasons.read(value)
