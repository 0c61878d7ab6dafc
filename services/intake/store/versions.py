"""The versions of applications in MongoDB.

Each version is a document that never changes: the first has the application's id, later ones
`<application id>:<version>`. Of two concurrent additions one fails on the other's id.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from services.intake.store.applications import VERSION
from shared.events.envelope import Outgoing
from shared.mongo import Collection, Document, insert_new, translated_errors
from shared.outbox.store import Unpublished, outbox_field
from shared.references import id_prefix, reference_of

_FIELDS: Final = (
    "version",
    "client",
    "stream",
    "received_at",
    "accepted_at",
    "fingerprint",
    "request",
    "withdrawn",
    "outbox.since",
)
_TICK: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Version:
    """One stored version of an application.

    `request` and `fingerprint` identify the request that created it. `waiting_since` is set until
    its events are published.
    """

    application_id: str
    number: int
    client_id: str
    stream: str
    received_at: datetime
    accepted_at: datetime
    fingerprint: bytes
    request: bytes | None = None
    is_withdrawal: bool = False
    waiting_since: datetime | None = None

    @property
    def id(self) -> str:
        """The `_id` of its document."""
        return self.application_id if self.number == VERSION else self._later_id

    @property
    def _later_id(self) -> str:
        return f"{self.application_id}:{self.number}"


@dataclass(frozen=True, slots=True)
class Change:
    """A version to add, with its events; without an application it is a withdrawal."""

    version: Version
    application: Mapping[str, Any] | None
    events: Sequence[Outgoing]

    @property
    def unpublished(self) -> Unpublished:
        """Return its events for the outbox."""
        return Unpublished(self.version.id, self.events)


@dataclass(frozen=True, slots=True)
class Status:
    """The status of an application in this service, without personal data.

    `accepted_at` is the time of the current version, `received_at` that of the first.
    """

    application_id: str
    reference: str
    version: int
    stream: str
    received_at: datetime
    accepted_at: datetime
    status: Literal["accepted", "published", "withdrawn"]


class MongoVersions:
    """The versions of applications in one collection."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def of(self, application_id: str) -> Sequence[Version]:
        """Return an application's versions, the current one last; none if it is unknown."""
        # ";" is what follows ":".
        later = {"_id": {"$gt": f"{application_id}:", "$lt": f"{application_id};"}}
        ids = {"$or": [{"_id": application_id}, later]}
        with translated_errors():
            found = [each async for each in self._collection.find(ids, _FIELDS)]
        return sorted((_version(application_id, each) for each in found), key=_number)

    async def add(self, change: Change, after: Version) -> bool:
        """Add the version after `after`; return false if its number exists already.

        Durable on return. Raises `TransientError` if that is not certain: repeat the call.
        """
        with translated_errors():
            return not await insert_new(self._collection, [_document(change, after)])

    async def status_of(self, application_id: str) -> Status | None:
        """Return the status of an application."""
        versions = await self.of(application_id)
        if not versions:
            return None
        current = versions[-1]
        return Status(
            application_id,
            reference_of(application_id),
            current.number,
            current.stream,
            current.received_at,
            current.accepted_at,
            _state(current),
        )

    async def with_reference(self, reference: str, client_id: str | None = None) -> list[Status]:
        """Return the status of every application with a reference, or of a client's own ones.

        There is at most one, but for a rare coincidence.
        """
        prefix = id_prefix(reference)
        wanted: Document = {"_id": {"$gte": prefix, "$lt": f"{prefix}g"}, "version": VERSION}
        if client_id is not None:
            wanted["client"] = client_id
        with translated_errors():
            ids = [each["_id"] async for each in self._collection.find(wanted, ("_id",))]
        found = [await self.status_of(each) for each in ids if reference_of(each) == reference]
        return [each for each in found if each is not None]


def _number(version: Version) -> int:
    return version.number


def _state(current: Version) -> Literal["accepted", "published", "withdrawn"]:
    if current.is_withdrawal:
        return "withdrawn"
    return "accepted" if current.waiting_since else "published"


def _version(application_id: str, document: Document) -> Version:
    return Version(
        application_id,
        document["version"],
        document["client"],
        document["stream"],
        document["received_at"],
        document["accepted_at"],
        document["fingerprint"],
        document.get("request"),
        document.get("withdrawn", False),
        document.get("outbox", {}).get("since"),
    )


def _document(change: Change, after: Version) -> Document:
    version = change.version
    return {
        "_id": version.id,
        "version": version.number,
        "stream": version.stream,
        "client": version.client_id,
        "fingerprint": version.fingerprint,
        "request": version.request,
        "received_at": version.received_at,
        "accepted_at": version.accepted_at,
        **(
            {"withdrawn": True}
            if change.application is None
            else {"application": change.application}
        ),
        "outbox": _outbox(change, after),
    }


def _outbox(change: Change, after: Version) -> Document:
    accepted_at = change.version.accepted_at
    if after.waiting_since is None:
        return outbox_field(change.events, accepted_at)
    # Later than its predecessor on any clock, so that the outbox publishes that one first.
    since = max(accepted_at, after.waiting_since + _TICK)
    return outbox_field(change.events, since, after.id)
