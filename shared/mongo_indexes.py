"""Creates a service's indexes at start, or accepts those that do the same under another name."""

from typing import Any, Final

from pymongo import IndexModel
from pymongo.errors import OperationFailure

from shared.errors import SetupError
from shared.mongo import Collection, Document, is_transient, translated_errors

_DUPLICATES: Final = 11000
_CONFLICTS: Final = frozenset({85, 86})
# What a listed index has beyond its keys and what it does.
_NO_OPTIONS: Final = frozenset({"key", "name", "v", "ns", "background"})


async def create_indexes(collection: Collection, *indexes: IndexModel) -> None:
    """Create the indexes that do not exist; idempotent.

    An existing index with the same keys and options will do under any name. Raises `SetupError`,
    which names collection, index and the server's code, if the server refuses one and none will do.
    """
    for index in indexes:
        with translated_errors():
            await _create(collection, index)


async def _create(collection: Collection, index: IndexModel) -> None:
    try:
        await collection.create_indexes([index])
    except OperationFailure as error:
        if is_transient(error):
            raise
        if not await _has_equal(collection, index.document):
            raise SetupError(_refusal(collection, index.document, error)) from error


async def _has_equal(collection: Collection, wanted: Document) -> bool:
    try:
        existing = await collection.index_information()
    except OperationFailure as error:
        if is_transient(error):
            raise
        return False  # the server lists no indexes to us, either
    return any(_same(each, wanted) for each in existing.values())


def _same(existing: Any, wanted: Document) -> bool:
    return _keys(existing) == _keys(wanted) and _options(existing) == _options(wanted)


def _keys(index: Any) -> list[tuple[str, Any]]:
    return list(dict(index["key"]).items())


def _options(index: Any) -> Document:
    """Return what the index does; an option that is false does nothing."""
    return {
        name: value
        for name, value in index.items()
        if name not in _NO_OPTIONS and value is not False
    }


def _refusal(collection: Collection, index: Document, error: OperationFailure) -> str:
    wanted = f"keys {dict(_keys(index))} and options {_options(index)}"
    return (
        f"MongoDB refuses the index {index['name']} of {collection.full_name} with code "
        f"{error.code}. Must have an index, under any name, with {wanted}: {_advice(error.code)}, "
        "then start again."
    )


def _advice(code: int | None) -> str:
    if code in _CONFLICTS:
        return "drop the one that has its keys or its name"
    if code == _DUPLICATES:
        return "remove the documents that have the same values"
    return "create it, or give the service's user the right to"
