"""Decisions in MongoDB: inserted once, never updated."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from inspect import signature
from types import MappingProxyType
from typing import Any, Generic

from shared.decisions.model import Decision, DecisionT, Proposal, encoded
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

    Fields that only a later release knows are ignored when a decision is read. Release 0.1.0 fails
    on them instead, so `added` names those that it does not know: they are stored only if they are
    set, in the field that it names for them, a mapping, or else by themselves.
    """

    def __init__(
        self,
        collection: Collection,
        decision_type: Callable[..., DecisionT],
        added: Mapping[str, str | None] = MappingProxyType({}),
    ) -> None:
        self._collection = collection
        self._decision_type = decision_type
        self._names = tuple(signature(decision_type).parameters)
        self._added = added

    async def keep(self, proposals: Sequence[Proposal[DecisionT]]) -> Sequence[Proposal[DecisionT]]:
        """Insert each proposal unless its key is decided; return the stored decisions, in order.

        Within one batch the first proposal of a key wins. Idempotent.
        """
        first: dict[str, Proposal[DecisionT]] = {}
        for each in proposals:
            first.setdefault(each.idempotency_key, each)
        documents = [self._as_document(key, each) for key, each in first.items()]
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

    def _as_document(self, key: str, proposal: Proposal[DecisionT]) -> Document:
        document = encoded(proposal.decision, _in_document)
        for name, mapping in self._added.items():
            if (value := document.pop(name)) is not None:
                document |= _placed(proposal.decision, name, value, mapping)
        document["_id"] = key  # MongoDB stores it first, whatever the order here
        document["traceparent"] = proposal.traceparent
        return document

    def _as_proposal(self, document: Document) -> Proposal[DecisionT]:
        for name, mapping in self._added.items():
            if mapping and name in (stored := document.get(mapping) or {}):
                document[name] = stored.pop(name)
        data = {name: _read(document[name]) for name in self._names if name in document}
        return Proposal(self._decision_type(**data), document["traceparent"])


def _placed(decision: Decision, name: str, value: Any, mapping: str | None) -> Document:
    """Return the part of a document that has a field, within another one if that is set."""
    around: SharedMapping | None = getattr(decision, mapping) if mapping else None
    return {mapping: around | {name: value}} if mapping and around is not None else {name: value}


def _in_document(value: Reasons | SharedMapping) -> Any:
    if isinstance(value, SharedMapping):
        return as_raw_bson(value)
    return [as_raw_bson(asdict(each)) for each in value]


def _read(value: Any) -> Any:
    if isinstance(value, dict):
        return SharedMapping(value)
    return Reasons.read(value) if isinstance(value, list) else value
