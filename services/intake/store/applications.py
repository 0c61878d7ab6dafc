"""First versions of applications in MongoDB; `versions` has the later ones."""

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
    """An application to store, with its events.

    `fingerprint` detects a different body under the same idempotency key. The contact person is in
    `events` alone, which are deleted once they are published.
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
    """The stored application of an id; `is_new` if this call stored it."""

    application_id: str
    fingerprint: bytes
    received_at: datetime
    is_new: bool


class Applications(Protocol):
    """A store of applications."""

    async def keep(self, acceptances: Sequence[Acceptance]) -> Sequence[Receipt]:
        """Insert each application unless its id exists; return the stored ones, in order.

        Durable on return. Raises `TransientError` if that is not certain: repeat the call.
        """
        ...


class MongoApplications:
    """First versions in one collection, `_id` = application id: an insert detects a repeat."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self.outbox = MongoOutbox(collection)

    async def keep(self, acceptances: Sequence[Acceptance]) -> Sequence[Receipt]:
        """See `Applications.keep`; within one call the first application of an id wins."""
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
        # The refused insert waited for the majority, too, so the existing document is durable.
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
