"""Canonical keys for what release 0.1.0 stored under numbers in another form.

That release removed only spaces, so the hyphens of a number were part of its key.
"""

from dataclasses import dataclass

from services.recognition.rules.certificate_number import normalised
from services.recognition.rules.labels import HistoricalLabel
from shared.mongo import Collection, Document, UpdateOne, insert_new


@dataclass(frozen=True, slots=True)
class Rekeying:
    """Gives stored labels their canonical keys, at every start.

    Idempotent. Several instances may run it at once, and any of them may be killed: each step is
    complete before what it started from is removed, and the next start does the rest. What a label
    says, its number as typed included, stays as it is.
    """

    awards: Collection
    history: Collection
    numbers: Collection

    async def run(self) -> None:
        """Re-key numbers, then awards, then imported labels."""
        await self._numbers()
        await self._awards()
        await self._history()

    async def _numbers(self) -> None:
        """Claim each number in canonical form for its owner; of two equal ones the first has it."""
        moved = {each["_id"]: _label(each).id async for each in self.history.find()}
        claims = [
            {"_id": key, "owner": moved.get(each["owner"], each["owner"])}
            async for each in self.numbers.find().sort("_id")
            if (key := normalised(each["_id"])) != each["_id"]
        ]
        await insert_new(self.numbers, claims)

    async def _awards(self) -> None:
        changes = [
            UpdateOne({"_id": each["_id"]}, {"$set": {"number": key}})
            async for each in self.awards.find()
            if (key := normalised(each["certificate_number"])) != each["number"]
        ]
        if changes:
            await self.awards.bulk_write(changes, ordered=False)

    async def _history(self) -> None:
        """Store imported labels under their canonical id; one that is taken keeps the old one."""
        for old in await self.history.find().to_list(None):
            new = {**old, "_id": _label(old).id, **_number(old)}
            if new["_id"] != old["_id"] and await self._is_stored(new):
                await self.history.delete_one({"_id": old["_id"]})
            elif new.get("number") != old.get("number"):
                await self.history.update_one({"_id": old["_id"]}, {"$set": _number(old)})

    async def _is_stored(self, label: Document) -> bool:
        """Insert a label; return whether its id has this label and no other one."""
        if not await insert_new(self.history, [label]):
            return True
        return await self.history.find_one({"_id": label["_id"]}) == label


def _label(document: Document) -> HistoricalLabel:
    return HistoricalLabel(
        document["round_year"],
        document["category"],
        document["enterprise_name"],
        document.get("business_registration_number"),
        document.get("certificate_number"),
    )


def _number(document: Document) -> Document:
    number = document.get("certificate_number")
    return {"number": normalised(number)} if number else {}
