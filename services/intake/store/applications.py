"""Submissions and API keys in MongoDB, and the queries for them; `versions` has what follows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from shared.errors import TransientError
from shared.events.envelope import Outgoing
from shared.mongo import Collection, Document, insert_new, translated_errors
from shared.outbox.store import MongoOutbox, outbox_field

VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Acceptance:
    """An application about to be kept, with its events.

    `fingerprint` tells another body under the same idempotency key. The person to write to is in
    `events` alone, which are forgotten once they are published.
    """

    application_id: str
    client_id: str
    fingerprint: bytes
    stream: str
    received_at: datetime
    accepted_at: datetime
    application: Mapping[str, Any]
    events: Sequence[Outgoing]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is kept under an application's id; `is_new` if this very call kept it."""

    application_id: str
    fingerprint: bytes
    received_at: datetime
    is_new: bool


class Applications(Protocol):
    """Where applications are kept, one document each."""

    async def keep(self, acceptances: Sequence[Acceptance]) -> Sequence[Receipt]:
        """Keep each unless its id is known, and answer each in order with what is kept.

        Durable on return. Raises `TransientError` where that is not certain; repeat then.
        """
        ...


class MongoApplications:
    """First versions in one collection, `_id` = application id: an insert finds a repeat itself."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self.outbox = MongoOutbox(collection)

    async def keep(self, acceptances: Sequence[Acceptance]) -> Sequence[Receipt]:
        """See `Applications.keep`; within one call the first of an id wins."""
        first: dict[str, Acceptance] = {}
        for each in acceptances:
            first.setdefault(each.application_id, each)
        with translated_errors():
            known = await insert_new(self._collection, [_document(each) for each in first.values()])
            found = await self._found(known) if known else {}
        return [
            found.get(each.application_id)
            or _receipt(first[each.application_id], is_new=each is first[each.application_id])
            for each in acceptances
        ]

    async def _found(self, ids: Sequence[str]) -> Mapping[str, Receipt]:
        # The refused insert has waited for the majority too, so what it ran into is durable.
        fields = {"fingerprint": True, "received_at": True}
        found = {
            each["_id"]: Receipt(
                each["_id"], each["fingerprint"], each["received_at"], is_new=False
            )
            async for each in self._collection.find({"_id": {"$in": ids}}, fields)
        }
        if len(found) < len(ids):
            raise TransientError
        return found


def _document(acceptance: Acceptance) -> Document:
    return {
        "_id": acceptance.application_id,
        "version": VERSION,
        "stream": acceptance.stream,
        "client": acceptance.client_id,
        "fingerprint": acceptance.fingerprint,
        "received_at": acceptance.received_at,
        "accepted_at": acceptance.accepted_at,
        "application": acceptance.application,
        "outbox": outbox_field(acceptance.events, acceptance.accepted_at),
    }


def _receipt(acceptance: Acceptance, *, is_new: bool) -> Receipt:
    return Receipt(
        acceptance.application_id, acceptance.fingerprint, acceptance.received_at, is_new
    )
