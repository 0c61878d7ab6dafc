"""Labels in MongoDB: awarded here, or imported from earlier years. Written once, never updated."""

from collections import Counter
from collections.abc import Collection as Several
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date
from itertools import count
from typing import Any

from services.recognition.rules.certificate_number import Numbering, normalised
from services.recognition.rules.labels import (
    MANUFACTURING,
    AwardedLabel,
    Certificate,
    HistoricalLabel,
)
from services.recognition.rules.steps import Award
from services.recognition.store.rekeying import Rekeying
from shared.events.intake import Category
from shared.mongo import Collection, Database, Document, IndexModel, keep_first, translated_errors
from shared.mongo_indexes import create_indexes


class MongoLabels:
    """All stored labels.

    `numbers` holds the owner of each certificate number: the first insert wins, so no two labels
    share a number, whatever is awarded or imported concurrently.
    """

    def __init__(self, database: Database) -> None:
        self._awards: Collection = database["awards"]
        self._history: Collection = database["history"]
        self._numbers: Collection = database["numbers"]

    async def prepare(self) -> None:
        """Create the indexes, and re-key what release 0.1.0 stored; idempotent."""
        by_enterprise = IndexModel([("business_registration_number", 1), ("round_year", 1)])
        for collection in (self._awards, self._history):
            await create_indexes(collection, by_enterprise, IndexModel("number"))
        with translated_errors():
            await Rekeying(self._awards, self._history, self._numbers).run()

    async def reserve_number(
        self, numbering: Numbering, round_year: int, application_id: str
    ) -> str:
        """Reserve the application's certificate number; every call returns the same one."""
        for attempt in count():
            number = numbering.number(round_year, application_id, attempt)
            if await self._claim_numbers([(number, application_id)]) == [True]:
                return number
        raise AssertionError  # `count` has no end

    async def _claim_numbers(self, claims: Sequence[tuple[str, str]]) -> list[bool]:
        """Claim numbers for their owners; return for each whether the owner has it."""
        stored = await keep_first(
            self._numbers,
            [{"_id": normalised(number), "owner": owner} for number, owner in claims],
        )
        owners = {each["_id"]: each["owner"] for each in stored}
        return [owners[normalised(number)] == owner for number, owner in claims]

    async def keep_award(self, award: AwardedLabel) -> AwardedLabel:
        """Insert an award unless the application has one; return the stored one."""
        [stored] = await keep_first(self._awards, [_award_document(award)])
        return _award(stored)

    async def awards(self, application_ids: Sequence[str]) -> Sequence[AwardedLabel]:
        """Return the labels of these applications."""
        return [_award(each) for each in await find_all(self._awards, "_id", application_ids)]

    async def awards_of(self, application_ids: Sequence[str]) -> dict[str, Award]:
        """Return number and days of the labels of these applications."""
        return {each.application_id: each.award for each in await self.awards(application_ids)}

    async def keep_history(self, labels: Sequence[HistoricalLabel]) -> list[bool]:
        """Insert labels of earlier years; return for each whether it agrees with the stored labels.

        It does not if the same label is stored with other data, or its number has another owner.
        """
        numbered = [each for each in labels if each.certificate_number]
        claims = [(each.certificate_number or "", each.id) for each in numbered]
        claimed = await self._claim_numbers(claims)
        owned = dict(zip((each.id for each in numbered), claimed, strict=True))
        available = [each for each in labels if owned.get(each.id, True)]
        stored = await keep_first(self._history, [_history_document(each) for each in available])
        known = {each["_id"]: _historical(each) for each in stored}
        return [known.get(each.id) == each for each in labels]

    async def certificate(self, number: str) -> Certificate | None:
        """Return a certificate by its number, however it is typed."""
        wanted = {"number": normalised(number)}
        with translated_errors():
            if document := await self._awards.find_one(wanted):
                return _award(document).certificate
            document = await self._history.find_one(wanted)
        return _historical(document).certificate if document else None

    async def manufacturing_years(
        self, registration_numbers: Iterable[str]
    ) -> dict[str, frozenset[int]]:
        """Return the years of the stored manufacturing labels of enterprises."""
        years: dict[str, frozenset[int]] = {}
        wanted = list(registration_numbers)
        for collection in (self._awards, self._history):
            for each in await find_all(collection, "business_registration_number", wanted):
                if each["category"] in MANUFACTURING:
                    enterprise = each["business_registration_number"]
                    years[enterprise] = years.get(enterprise, frozenset()) | {each["round_year"]}
        return years

    async def count_by_year(self) -> Counter[tuple[int, Category]]:
        """Return the number of stored labels by round and category."""
        counted: Counter[tuple[int, Category]] = Counter()
        grouping: list[Document] = [
            {"$group": {"_id": ["$round_year", "$category"], "labels": {"$sum": 1}}}
        ]
        with translated_errors():
            for collection in (self._awards, self._history):
                async for each in collection.aggregate(grouping):
                    year, category = each["_id"]
                    counted[year, category] += each["labels"]
        return counted


async def find_all(collection: Collection, field: str, values: Several[str]) -> list[Document]:
    """Return every document whose field has one of these values."""
    if not values:
        return []
    with translated_errors():
        return [each async for each in collection.find({field: {"$in": list(values)}})]


def without_id(document: Document) -> dict[str, Any]:
    """Return the fields of a document without those for MongoDB and the look-up."""
    return {name: value for name, value in document.items() if name not in {"_id", "number"}}


def _award_document(award: AwardedLabel) -> Document:
    return {
        "_id": award.application_id,
        "number": normalised(award.certificate_number),
        **_with_plain_days(asdict(award)),
    }


def _history_document(label: HistoricalLabel) -> Document:
    number = {"number": normalised(label.certificate_number)} if label.certificate_number else {}
    return {"_id": label.id, **number, **_with_plain_days(asdict(label))}


def _award(document: Document) -> AwardedLabel:
    return AwardedLabel(**_with_days(without_id(document)))


def _historical(document: Document) -> HistoricalLabel:
    return HistoricalLabel(**_with_days(without_id(document)))


def _with_plain_days(fields: dict[str, Any]) -> dict[str, Any]:
    """Return a document with its days as text: MongoDB has times, but no dates."""
    return fields | {name: day and day.isoformat() for name, day in _days(fields)}


def _with_days(fields: dict[str, Any]) -> dict[str, Any]:
    return fields | {name: day and date.fromisoformat(day) for name, day in _days(fields)}


def _days(fields: dict[str, Any]) -> Iterable[tuple[str, Any]]:
    return [(name, fields[name]) for name in ("valid_from", "valid_to")]
