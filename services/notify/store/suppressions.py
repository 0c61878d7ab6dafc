"""The suppression list in MongoDB, as keyed hashes of addresses.

A keyed hash (BLAKE2b) shows whether an address that is known from elsewhere is on the list, and
nothing else. So it may stay when the person is erased.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Literal

from services.notify.address import deliverable
from shared.mongo import Collection, Document, insert_new, translated_errors

Cause = Literal["refused", "operator"]


@dataclass(frozen=True, slots=True)
class Suppression:
    """A suppressed address; `id` is its keyed hash."""

    id: str
    cause: Cause
    since: datetime


class MongoSuppressions:
    """Suppressed addresses in one collection, `_id` = keyed hash of the normalised address.

    A different `secret` finds none of them.
    """

    def __init__(self, collection: Collection, secret: str) -> None:
        self._collection = collection
        self._key = blake2b(secret.encode()).digest()  # a secret of any length

    async def add(self, address: str, cause: Cause, now: datetime) -> str:
        """Suppress an address unless it is already; return its id."""
        suppression_id = self._id_of(address)
        with translated_errors():
            await insert_new(
                self._collection, [{"_id": suppression_id, "cause": cause, "since": now}]
            )
        return suppression_id

    async def remove(self, address_or_id: str) -> bool:
        """Remove an address from the list; return whether it was suppressed."""
        is_address = "@" in address_or_id
        suppression_id = self._id_of(address_or_id) if is_address else address_or_id
        with translated_errors():
            removed = await self._collection.delete_one({"_id": suppression_id})
        return removed.deleted_count > 0

    async def all(self) -> list[Suppression]:
        """Return all suppressions, the oldest first."""
        with translated_errors():
            found = await self._collection.find().sort("since").to_list(None)
        return [_as_suppression(each) for each in found]

    async def among(self, addresses: Sequence[str]) -> frozenset[str]:
        """Return which of these addresses are suppressed."""
        if not addresses:
            return frozenset()
        ids = {each: self._id_of(each) for each in addresses}
        with translated_errors():
            found = self._collection.find({"_id": {"$in": list(ids.values())}}, {"_id": True})
            suppressed = {each["_id"] async for each in found}
        return frozenset([address for address, id_ in ids.items() if id_ in suppressed])

    def _id_of(self, address: str) -> str:
        content = _normalised(address).encode(errors="surrogatepass")
        return blake2b(content, key=self._key, digest_size=20).hexdigest()


def _normalised(address: str) -> str:
    """Return the canonical spelling of a mailbox."""
    try:
        written = deliverable(address)
    except ValueError:  # such an address is rejected later, when it is used
        written = address
    return unicodedata.normalize("NFC", written).casefold()


def _as_suppression(document: Document) -> Suppression:
    return Suppression(document["_id"], document["cause"], document["since"])
