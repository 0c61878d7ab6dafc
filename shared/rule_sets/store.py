"""Which rule sets were in force, in the service's own database: inserted, never changed.

`_id` counts them, so of several instances that start at once one stores the next rule set and the
others find it. The event is in the document until it is published (`shared.outbox.store`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from shared.errors import SetupError, TransientError
from shared.mongo import Collection, Document, insert_new, translated_errors
from shared.outbox.store import MongoOutbox, Unpublished, outbox_events, outbox_field
from shared.rule_sets.model import RuleSet

COLLECTION: Final = "rule_sets"
_A_MOMENT: Final = timedelta(milliseconds=1)


class MongoRuleSets:
    """The rule sets that took effect, the one in force last."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._outbox = MongoOutbox(collection)

    async def put_in_force(self, rule_set: RuleSet, now: datetime) -> None:
        """Store that a rule set is in force, with its event, unless it is already; idempotent.

        Raises `SetupError` if its version was in force with other terms.
        """
        with translated_errors():
            last = await self._last(rule_set)
            while last.get("content_hash") != rule_set.content_hash:
                document = _document(rule_set, last, now)
                if not await insert_new(self._collection, [document]):
                    return
                last = await self._last(rule_set)  # another instance has stored one
                if last.get("_id", 0) < document["_id"]:  # the majority has not confirmed it yet
                    raise TransientError

    async def unpublished(self) -> list[Unpublished]:
        """Return what is not marked as published, the earliest first."""
        with translated_errors():
            found = self._collection.find({"outbox": {"$exists": True}}).sort("_id")
            return [Unpublished(each["_id"], outbox_events(each["outbox"])) async for each in found]

    async def mark_published(self, ids: Sequence[int], now: datetime) -> None:
        """Mark rule sets as published."""
        await self._outbox.mark_published(ids, now)

    async def _last(self, rule_set: RuleSet) -> Document:
        """Return the rule set in force, without fields if there is none yet."""
        other_terms = {"version": rule_set.version, "stated_hash": {"$ne": rule_set.stated_hash}}
        if other := await self._collection.find_one(other_terms):
            raise SetupError(_version_taken(rule_set.version, other))
        last = await self._collection.find_one({}, {"outbox": False}, sort=[("_id", -1)])
        return last or {}


def _document(rule_set: RuleSet, last: Mapping[str, Any], now: datetime) -> Document:
    since = now
    if last and now <= last["in_force_from"]:  # whatever the clocks of the instances say
        since = last["in_force_from"] + _A_MOMENT
    return {
        "_id": last.get("_id", 0) + 1,
        "version": rule_set.version,
        "stated_hash": rule_set.stated_hash,
        "content_hash": rule_set.content_hash,
        "in_force_from": since,
        "outbox": outbox_field([rule_set.published(since)], since),
    }


def _version_taken(version: str, other: Mapping[str, Any]) -> str:
    return (
        f"The rule file's version {version!r} was in force with other terms, since "
        f"{other['in_force_from'].isoformat(timespec='seconds')}. Must have a new version whenever "
        "its terms change: decisions name it. Change `version` in the file, or take its terms back."
    )
