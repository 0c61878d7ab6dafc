"""Claims to labels in MongoDB: one holder for each, whoever stores it first.

A claim is the `_id` of its document, so of any number of applications, imports and instances the
first insert wins. An awarded label is stored in its claim before it is stored among the awards:
that one write decides which application gets the label.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from services.recognition.rules.claims import claim_of_case, still_claims
from services.recognition.rules.labels import AwardedLabel, HistoricalLabel
from services.recognition.rules.steps import Case
from services.recognition.store.cases import MongoCases
from services.recognition.store.labels import award_document, award_from, find_all
from shared.mongo import (
    Collection,
    Database,
    Document,
    IndexModel,
    UpdateOne,
    insert_new,
    keep_first,
    translated_errors,
)
from shared.mongo_indexes import create_indexes


class Claim(NamedTuple):
    """A claim and who wants it: an application id, or the holder of an imported label."""

    claim: str
    holder: str


class MongoClaims:
    """Claims, `_id` = the claim; `holder` has it, for ever once it is `final`.

    `waiting` are the applications that found a claim taken: they are reviewed when it is free.
    """

    def __init__(self, database: Database, cases: MongoCases) -> None:
        self._claims: Collection = database["claims"]
        self._waiting: Collection = database["waiting"]
        self._cases = cases

    async def prepare(self) -> None:
        """Create the indexes; idempotent."""
        await create_indexes(self._claims, IndexModel("holder"))
        await create_indexes(self._waiting, IndexModel("claim"))

    async def take(self, wanted: Iterable[Claim]) -> frozenset[Claim]:
        """Take claims for their applications; return those that another one has. Idempotent.

        A claim passes on when its holder has ended without a label, or claims something else.
        """
        claims = list(dict.fromkeys(wanted))
        kept = await keep_first(
            self._claims, [_document(each.claim, each.holder, final=False) for each in claims]
        )
        stored = {each["_id"]: each for each in kept}
        taken = [each for each in claims if stored[each.claim]["holder"] != each.holder]
        if not taken:
            return frozenset()
        await self._wait(taken)
        return frozenset(taken) - await self._pass_on(taken, kept)

    async def _wait(self, taken: Sequence[Claim]) -> None:
        """Store who waits before the holder is looked up, so that its end is never missed."""
        waiting = [
            {"_id": f"{claim}:{application_id}", "claim": claim, "application_id": application_id}
            for claim, application_id in taken
        ]
        with translated_errors():
            await insert_new(self._waiting, waiting)

    async def _pass_on(self, taken: Sequence[Claim], stored: Iterable[Document]) -> set[Claim]:
        """Give claims that are free to the first who wants them; return those that were given."""
        free = {each.claim: each.holder for each in await self._free(stored)}
        return {
            each
            for each in taken
            if each.claim in free and await self._give(each, holder=free[each.claim])
        }

    async def _free(self, stored: Iterable[Document]) -> list[Claim]:
        """Return the claims whose holders have ended without a label, or claim something else."""
        held = [Claim(each["_id"], each["holder"]) for each in stored if not each["final"]]
        cases = {
            each.case.candidate.application_id: each.case
            for each in await self._cases.of(sorted({each.holder for each in held}))
        }
        return [
            each
            for each in held
            # A holder that is not on file has an application that is still being stored.
            if (case := cases.get(each.holder)) and not still_claims(case, each.claim)
        ]

    async def _give(self, wanted: Claim, holder: str) -> bool:
        held = {"_id": wanted.claim, "holder": holder, "final": False}
        with translated_errors():
            await self._claims.update_one(held, {"$set": {"holder": wanted.holder}})
            stored = await self._claims.find_one({"_id": wanted.claim})
        return stored is not None and stored["holder"] == wanted.holder

    async def award(self, label: AwardedLabel) -> AwardedLabel | None:
        """Store a label in its claim; return the stored one, `None` if another has the claim."""
        mine = {"_id": label.claim, "holder": label.application_id}
        change = {"$set": {"final": True, "award": award_document(label)}}
        with translated_errors():
            await self._claims.update_one({**mine, "final": False}, change)
            stored = await self._claims.find_one(mine)
        return award_from(stored["award"]) if stored and "award" in stored else None

    async def awarded(self, application_ids: Sequence[str]) -> Sequence[AwardedLabel]:
        """Return the labels that are stored in the claims of these applications."""
        wanted = {"holder": {"$in": list(application_ids)}, "award": {"$exists": True}}
        with translated_errors():
            return [award_from(each["award"]) async for each in self._claims.find(wanted)]

    async def is_taken(self, case: Case) -> bool:
        """Return whether another has the claim of a case, without taking it."""
        with translated_errors():
            stored = await self._claims.find_one({"_id": claim_of_case(case)})
        return stored is not None and stored["holder"] != case.candidate.application_id

    async def next_in_line(self, application_ids: Sequence[str]) -> Sequence[str]:
        """Return the applications that wait for claims which these have and no longer need."""
        held = await find_all(self._claims, "holder", application_ids)
        free = {each.claim for each in await self._free(held)}
        waiting = await find_all(self._waiting, "claim", free)
        return [each["application_id"] for each in waiting]

    async def take_for_labels(self, wanted: Iterable[Claim]) -> frozenset[Claim]:
        """Take claims for labels that exist; return those that another one has. Idempotent."""
        claims = list(dict.fromkeys(wanted))
        kept = await keep_first(
            self._claims, [_document(each.claim, each.holder, final=True) for each in claims]
        )
        stored = {each["_id"]: each for each in kept}
        held = [each for each in claims if stored[each.claim]["holder"] == each.holder]
        await self._finish([each for each in held if not stored[each.claim]["final"]])
        return frozenset(claims).difference(held)

    async def _finish(self, held: Sequence[Claim]) -> None:
        """Store that labels have these claims, which their applications took while open."""
        changes = [
            UpdateOne({"_id": each.claim, "holder": each.holder}, {"$set": {"final": True}})
            for each in held
        ]
        if changes:
            with translated_errors():
                await self._claims.bulk_write(changes, ordered=False)

    async def release(self, claims: Iterable[Claim]) -> None:
        """Give up the claims of labels that are not stored after all."""
        with translated_errors():
            for claim, holder in claims:
                await self._claims.delete_one({"_id": claim, "holder": holder})


def claim_of_label(label: HistoricalLabel) -> Claim | None:
    """Return the claim of an imported label; `None` without the number of its enterprise."""
    return Claim(label.claim, f"label:{label.id}") if label.claim else None


def _document(claim: str, holder: str, *, final: bool) -> Document:
    return {"_id": claim, "holder": holder, "final": final}
