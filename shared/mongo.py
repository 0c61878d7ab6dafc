"""The one module that imports the MongoDB driver.

Motor is the chosen driver (`docs/adr/0004`). PyMongo's own asynchronous client has the same calls,
so moving means changing `Client`. The store tests run on both.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from inspect import isawaitable
from typing import Any, Final, TypeAlias

import bson
from bson.raw_bson import RawBSONDocument
from motor.motor_asyncio import (
    AsyncIOMotorClient,
    AsyncIOMotorCollection,
    AsyncIOMotorDatabase,
)
from pymongo import ASCENDING, IndexModel, ReadPreference, UpdateOne
from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    DuplicateKeyError,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    WTimeoutError,
)

from shared.errors import DependencyError, TransientError
from shared.metrics import Metrics
from shared.mongo_metrics import CommandMetrics, ConnectionMetrics
from shared.mongo_url import is_direct, without_own_options
from shared.settings import MongoSettings

Document: TypeAlias = dict[str, Any]
Collection: TypeAlias = "AsyncIOMotorCollection[Document]"
Database: TypeAlias = "AsyncIOMotorDatabase[Document]"
Client: Any = AsyncIOMotorClient

__all__ = [
    "ASCENDING",
    "Collection",
    "Database",
    "Document",
    "IndexModel",
    "UpdateOne",
    "as_raw_bson",
    "insert_new",
    "open_database",
    "translated_errors",
]

_DUPLICATE_KEY: Final = 11000
_ANSWER_SECONDS: Final = 2.0


@asynccontextmanager
async def open_database(
    settings: MongoSettings, name: str, client: Any = None, metrics: Metrics | None = None
) -> AsyncIterator[Database]:
    """Open a service's own database: majority, journaled writes; majority reads of the primary.

    No option of the URL changes that, see `shared.mongo_url`; code that may read stale data says so
    by `with_options`. Times are aware, in UTC. Connects lazily: if the server is down, the first
    call raises `TransientError`.
    """
    wait_milliseconds = int(settings.wait_seconds * 1000)
    listeners = [CommandMetrics(metrics), ConnectionMetrics(metrics)] if metrics else None
    opened = (client or Client)(
        without_own_options(settings.url),
        w="majority",
        journal=True,
        retryWrites=True,
        retryReads=True,
        read_preference=ReadPreference.PRIMARY,
        # The driver reads from whatever member it is directly connected to. Only the primary
        # accepts this level.
        readConcernLevel="linearizable" if is_direct(settings.url) else "majority",
        loadBalanced=False,
        tz_aware=True,
        serverSelectionTimeoutMS=wait_milliseconds,
        connectTimeoutMS=wait_milliseconds,
        socketTimeoutMS=20_000,
        appname=name,
        **({"event_listeners": listeners} if listeners else {}),
    )
    try:
        yield opened[name]
    finally:
        closing = opened.close()
        if isawaitable(closing):
            await closing


async def is_reachable(database: Database) -> bool:
    """Return whether a primary answers within two seconds."""
    try:
        hello = await asyncio.wait_for(database.command("hello"), _ANSWER_SECONDS)
    except (PyMongoError, TimeoutError):
        return False
    return bool(hello["isWritablePrimary"])


def as_raw_bson(document: Document) -> Any:
    """Encode a document once so that it can be embedded in many others."""
    return RawBSONDocument(bson.encode(document))


async def insert_new(collection: Collection, documents: Sequence[Document]) -> list[Any]:
    """Insert the documents with a new `_id`; return the `_id`s that existed already.

    Not atomic as a whole: existing documents stay as they were, the rest is written. Raises
    `TransientError` if the confirmation of the majority is missing: repeat the whole call.
    """
    if not documents:
        return []
    try:
        await collection.insert_many(documents, ordered=False)
    except BulkWriteError as error:
        return _known_ids(error)
    return []


async def keep_first(collection: Collection, documents: Sequence[Document]) -> list[Document]:
    """Insert each document unless its `_id` exists; return the stored documents, in order.

    Within one call the first document of an `_id` wins. Idempotent.
    """
    stored: dict[Any, Document] = {}
    for document in documents:
        stored.setdefault(document["_id"], document)
    with translated_errors():
        known = await insert_new(collection, list(stored.values()))
        if known:
            stored |= await _stored(collection, known)
    return list(stored.values())


async def _stored(collection: Collection, ids: list[Any]) -> dict[Any, Document]:
    found = {each["_id"]: each async for each in collection.find({"_id": {"$in": ids}})}
    if len(found) < len(ids):  # the majority has not confirmed them yet
        raise TransientError
    return found


def _known_ids(error: BulkWriteError) -> list[Any]:
    details: Mapping[str, Any] = error.details
    if is_transient(error):
        raise TransientError from error
    failed = details["writeErrors"]
    duplicates = [each for each in failed if each["code"] == _DUPLICATE_KEY]
    others = {each["code"] for each in failed} - {_DUPLICATE_KEY}
    if others or any("_id" not in each["keyValue"] for each in duplicates):
        raise _refusal(error, others)
    return [each["keyValue"]["_id"] for each in duplicates]


def _refusal(error: OperationFailure, codes: set[int]) -> Exception:
    """Choose by the server's codes: retry, a document at fault, or a case for a person."""
    if is_transient(error):
        return TransientError()
    return error if codes <= _DOCUMENT_CODES else DependencyError()


@contextmanager
def translated_errors() -> Iterator[None]:
    """Turn errors that pass by themselves into `TransientError`.

    What a document is to blame for stays as it is; everything else is a `DependencyError`.
    """
    try:
        yield
    except DuplicateKeyError:
        raise
    except OperationFailure as error:
        raise _refusal(error, _codes(error)) from error
    except ConnectionFailure as error:
        raise TransientError from error
    except PyMongoError as error:
        raise DependencyError from error


def is_transient(error: OperationFailure) -> bool:
    """Return whether a refusal passes by itself: the same call will succeed later."""
    return (
        isinstance(error, ExecutionTimeout | WTimeoutError)
        or error.has_error_label("RetryableWriteError")
        or bool((error.details or {}).get("writeConcernErrors"))
        or not _PASSING_CODES.isdisjoint(_codes(error))
    )


def _codes(error: OperationFailure) -> set[int]:
    if isinstance(error, BulkWriteError):
        return {each["code"] for each in error.details["writeErrors"]}
    return {error.code or 0}


# Elections, step-downs and shutdowns, as the driver's specification lists them, and a full disk (8,
# which MongoDB gives what it has no code for, and 14031).
_PASSING_CODES: Final = frozenset(
    {6, 7, 8, 50, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436, 14031}
)
# A document that breaks a rule: bad or mistyped values, names of fields, size, a validator.
_DOCUMENT_CODES: Final = frozenset({2, 9, 14, 52, 57, 121, 10334, 11000, 17280})
