"""Counts what a database does."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any


@asynccontextmanager
async def counted_operations(database: Any) -> AsyncIterator[Counter[str]]:
    """Count the operations on each collection while the block runs.

    A name is `insert expectations`. An insert of many documents is one operation, as is each
    statement of a bulk write.
    """
    counted: Counter[str] = Counter()
    await database.command("profile", 2)
    yield counted
    await database.command("profile", 0)
    async for each in database["system.profile"].find(
        {"op": {"$in": ["insert", "update", "query"]}}
    ):
        counted[f"{each['op']} {each['ns'].partition('.')[2]}"] += 1
