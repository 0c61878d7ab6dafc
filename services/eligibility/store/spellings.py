"""How the registration numbers of factories were typed: the spellings of each factory's number.

Facts are stored under the number as typed. A number that is not typed in its canonical form has an
entry here, inserted once: `_id` as typed, `key` the factory.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Final

from shared.identifiers import factory_key
from shared.mongo import Collection, IndexModel, insert_new, translated_errors
from shared.mongo_indexes import create_indexes

NUMBER: Final = "factory_registration_number"
# Every number whose canonical form may be another one, as `[0-9A-Z-]` lets it be typed.
_OTHER_FORM: Final = "[^0-9A-Z]|^[0-9]{8}$|^[0-9]{15}[0-9A-Z]$"
_BATCH: Final = 1_000


class MongoSpellings:
    """The spellings in one collection."""

    def __init__(self, collection: Collection) -> None:
        self._spellings = collection

    async def prepare(self, facts: Iterable[Collection]) -> None:
        """Create the index, and enter what facts of an older release lack here; idempotent.

        Several instances may do this at the same time, and any of them may be killed: what is
        missing is entered at the next start. Facts themselves stay as they are.
        """
        await create_indexes(self._spellings, IndexModel("key"))
        with translated_errors():
            for collection in facts:
                async for typed in _numbers_in(collection):
                    await self.keep(await self._unknown(typed))

    async def keep(self, typed: Iterable[str]) -> None:
        """Enter numbers as they were typed; those in canonical form need no entry."""
        entries = {each: factory_key(each) for each in typed}
        with translated_errors():
            await insert_new(
                self._spellings,
                [
                    {"_id": each, "key": key}
                    for each, key in entries.items()
                    if key not in {"", each}
                ],
            )

    async def of(self, factories: Sequence[str]) -> dict[str, list[str]]:
        """Return every spelling of these factories' numbers, the canonical one first."""
        found = {factory: [factory] for factory in factories}
        with translated_errors():
            async for each in self._spellings.find({"key": {"$in": list(factories)}}):
                found[each["key"]].append(each["_id"])
        return found

    async def _unknown(self, typed: set[str]) -> set[str]:
        known = self._spellings.find({"_id": {"$in": list(typed)}})
        return typed - {each["_id"] async for each in known}


async def _numbers_in(facts: Collection) -> AsyncIterator[set[str]]:
    """Yield the numbers of facts that may be typed in another form than the canonical one."""
    # The index by number has all that is asked for.
    found = facts.find({NUMBER: {"$regex": _OTHER_FORM}}, {NUMBER: 1, "_id": 0})
    batch: set[str] = set()
    async for each in found:
        batch.add(each[NUMBER])
        if len(batch) == _BATCH:
            yield batch
            batch = set()
    yield batch
