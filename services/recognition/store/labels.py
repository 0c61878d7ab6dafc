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
from shared.events.intake import Category
from shared.mongo import Collection, Database, Document, IndexModel, keep_first, translated_errors


class MongoLabels:
    """Every label on record.

    `numbers` tells who has a certificate number: the first to write it down keeps it, so no two
    labels share one, whatever is awarded or imported at the same time.
    """

    def __init__(self, database: Database) -> None:
        self._awards: Collection = database["awards"]
        self._history: Collection = database["history"]
        self._numbers: Collection = database["numbers"]

    async def prepare(self) -> None:
        """Create the indexes; may be repeated."""
        by_enterprise = IndexModel([("business_registration_number", 1), ("round_year", 1)])
        with translated_errors():
            for collection in (self._awards, self._history):
                await collection.create_indexes([by_enterprise, IndexModel("number")])

    async def reserve_number(
        self, numbering: Numbering, round_year: int, application_id: str
    ) -> str:
        """Find the application's certificate number; the same every time it is asked for."""
        for attempt in count():
            number = numbering.number(round_year, application_id, attempt)
            if await self._is_of([(number, application_id)]) == [True]:
                return number
        raise AssertionError  # `count` has no end

    async def _is_of(self, claims: Sequence[tuple[str, str]]) -> list[bool]:
        """Claim numbers for their owners; tell for each whether the owner has it now."""
        kept = await keep_first(
            self._numbers,
            [{"_id": normalised(number), "owner": owner} for number, owner in claims],
        )
        owners = {each["_id"]: each["owner"] for each in kept}
        return [owners[normalised(number)] == owner for number, owner in claims]

    async def keep_award(self, award: AwardedLabel) -> AwardedLabel:
        """Keep an award, unless the application has one already; return what is kept."""
        [kept] = await keep_first(self._awards, [_award_document(award)])
        return _award(kept)

    async def awards(self, application_ids: Sequence[str]) -> Sequence[AwardedLabel]:
        """Find the labels that these applications led to."""
        return [_award(each) for each in await find_all(self._awards, "_id", application_ids)]

    async def awards_of(self, application_ids: Sequence[str]) -> dict[str, Award]:
        """Find number and days of the labels that these applications led to."""
        return {each.application_id: each.award for each in await self.awards(application_ids)}

    async def keep_history(self, labels: Sequence[HistoricalLabel]) -> list[bool]:
        """Keep labels of earlier years; tell for each whether the record agrees with it.

        It does not where the same label is on record with other data, or its number is another's.
        """
        numbered = [each for each in labels if each.certificate_number]
        claims = [(each.certificate_number or "", each.id) for each in numbered]
        owned = dict(zip((each.id for each in numbered), await self._is_of(claims), strict=True))
        free = [each for each in labels if owned.get(each.id, True)]
        kept = await keep_first(self._history, [_history_document(each) for each in free])
        known = {each["_id"]: _historical(each) for each in kept}
        return [known.get(each.id) == each for each in labels]

    async def certificate(self, number: str) -> Certificate | None:
        """Find a certificate by its number, however it is spaced and capitalised."""
        wanted = {"number": normalised(number)}
        with translated_errors():
            if document := await self._awards.find_one(wanted):
                return _award(document).certificate
            document = await self._history.find_one(wanted)
        return _historical(document).certificate if document else None

    async def manufacturing_years(
        self, registration_numbers: Iterable[str]
    ) -> dict[str, frozenset[int]]:
        """Tell for enterprises the years whose manufacturing labels they have on record."""
        years: dict[str, frozenset[int]] = {}
        wanted = list(registration_numbers)
        for collection in (self._awards, self._history):
            for each in await find_all(collection, "business_registration_number", wanted):
                if each["category"] in MANUFACTURING:
                    enterprise = each["business_registration_number"]
                    years[enterprise] = years.get(enterprise, frozenset()) | {each["round_year"]}
        return years

    async def count_by_year(self) -> Counter[tuple[int, Category]]:
        """Count the labels on record by round and category."""
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
    """Find every document whose field has one of these values."""
    if not values:
        return []
    with translated_errors():
        return [each async for each in collection.find({field: {"$in": list(values)}})]


def without_id(document: Document) -> dict[str, Any]:
    """Take the fields of a document, without those that MongoDB or the look-up needs."""
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
    """MongoDB knows moments, but no days: they are kept as text."""
    return fields | {name: day and day.isoformat() for name, day in _days(fields)}


def _with_days(fields: dict[str, Any]) -> dict[str, Any]:
    return fields | {name: day and date.fromisoformat(day) for name, day in _days(fields)}


def _days(fields: dict[str, Any]) -> Iterable[tuple[str, Any]]:
    return [(name, fields[name]) for name in ("valid_from", "valid_to")]
