"""API keys in MongoDB: only their hashes are stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.mongo import Collection, Document, translated_errors


class Right(StrEnum):
    """The rights of a client beyond submitting one by one.

    `backdate`: set when an application was received. `bulk`: send many in one request.
    """

    BACKDATE = "backdate"
    BULK = "bulk"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key of a system; only the SHA-256 of its secret is stored."""

    id: str
    name: str
    secret_sha256: bytes
    rights: frozenset[Right]
    created_at: datetime
    revoked_at: datetime | None = None


class MongoApiKeys:
    """API keys in one collection, `_id` = key id."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def find(self, key_id: str) -> ApiKey | None:
        """Return a key, also a revoked one; raises `TransientError` while the database is down."""
        with translated_errors():
            found = await self._collection.find_one({"_id": key_id})
        return _api_key(found) if found else None

    async def add(self, key: ApiKey) -> None:
        """Insert a new key."""
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
        """Return every key, the oldest first."""
        with translated_errors():
            return [_api_key(each) async for each in self._collection.find().sort("created_at")]

    async def grant(self, key_id: str, rights: Sequence[Right]) -> ApiKey | None:
        """Add rights to a key; return it, or `None` if it does not exist."""
        return await self._change(key_id, {"$addToSet": {"rights": {"$each": list(rights)}}})

    async def deny(self, key_id: str, rights: Sequence[Right]) -> ApiKey | None:
        """Remove rights from a key; return it, or `None` if it does not exist."""
        return await self._change(key_id, {"$pull": {"rights": {"$in": list(rights)}}})

    async def _change(self, key_id: str, change: Document) -> ApiKey | None:
        with translated_errors():
            await self._collection.update_one({"_id": key_id}, change)
        return await self.find(key_id)

    async def revoke(self, key_id: str, now: datetime) -> ApiKey | None:
        """Revoke a key permanently; return it, or `None` if it does not exist."""
        with translated_errors():
            await self._collection.update_one(
                {"_id": key_id, "revoked_at": None}, {"$set": {"revoked_at": now}}
            )
        return await self.find(key_id)


def _api_key(document: Document) -> ApiKey:
    return ApiKey(
        document["_id"],
        document["name"],
        document["sha256"],
        frozenset(Right) & frozenset(document["rights"]),
        document["created_at"],
        document["revoked_at"],
    )
