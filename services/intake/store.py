"""Submissions and API keys in MongoDB, and the queries for them; `versions` has what follows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Protocol

from shared.errors import TransientError
from shared.events.envelope import Outgoing
from shared.mongo import Collection, Document, insert_new, translated_errors
from shared.outbox import MongoOutbox, outbox_field

VERSION: Final = 1


class Right(StrEnum):
    """What a client may do beyond submitting one by one.

    `backdate`: state when an application was received. `bulk`: send many in one request.
    """

    BACKDATE = "backdate"
    BULK = "bulk"


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


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key of a system; of its secret only the SHA-256 is kept."""

    id: str
    name: str
    secret_sha256: bytes
    rights: frozenset[Right]
    created_at: datetime
    revoked_at: datetime | None = None


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


class MongoApiKeys:
    """API keys in one collection, `_id` = key id."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def find(self, key_id: str) -> ApiKey | None:
        """Find a key, revoked ones too; raises `TransientError` while nobody can tell."""
        with translated_errors():
            found = await self._collection.find_one({"_id": key_id})
        return _api_key(found) if found else None

    async def add(self, key: ApiKey) -> None:
        """Keep a new key."""
        document = {
            "_id": key.id,
            "name": key.name,
            "sha256": key.secret_sha256,
            "rights": sorted(map(str, key.rights)),
            "created_at": key.created_at,
            "revoked_at": key.revoked_at,
        }
        with translated_errors():
            await self._collection.insert_one(document)

    async def all(self) -> Sequence[ApiKey]:
        """List every key, the oldest first."""
        with translated_errors():
            return [_api_key(each) async for each in self._collection.find().sort("created_at")]

    async def grant(self, key_id: str, rights: Sequence[Right]) -> ApiKey | None:
        """Add rights to a key; returns it, or nothing if there is no such key."""
        return await self._change(key_id, {"$addToSet": {"rights": {"$each": list(rights)}}})

    async def deny(self, key_id: str, rights: Sequence[Right]) -> ApiKey | None:
        """Take rights from a key; returns it, or nothing if there is no such key."""
        return await self._change(key_id, {"$pull": {"rights": {"$in": list(rights)}}})

    async def _change(self, key_id: str, change: Document) -> ApiKey | None:
        with translated_errors():
            await self._collection.update_one({"_id": key_id}, change)
        return await self.find(key_id)

    async def revoke(self, key_id: str, now: datetime) -> ApiKey | None:
        """Revoke a key for good; returns it, or nothing if there is no such key."""
        with translated_errors():
            await self._collection.update_one(
                {"_id": key_id, "revoked_at": None}, {"$set": {"revoked_at": now}}
            )
        return await self.find(key_id)


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


def _api_key(document: Document) -> ApiKey:
    return ApiKey(
        document["_id"],
        document["name"],
        document["sha256"],
        frozenset(Right) & frozenset(document["rights"]),
        document["created_at"],
        document["revoked_at"],
    )
