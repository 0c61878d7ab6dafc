"""Claims for what earlier versions of this service stored without any."""

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Final

from services.recognition.rules.claims import claim_of_case, still_claims
from services.recognition.store.cases import MongoCases
from services.recognition.store.claims import Claim, MongoClaims, claim_of_label
from services.recognition.store.labels import award_from, historical_from
from shared.mongo import Collection, Database, Document, insert_new, translated_errors

_BATCH: Final = 500
_DONE: Final = "claims"


class Upgrade:
    """Takes claims for stored labels, then for open candidacies, the earliest first.

    Of two labels with one claim, which earlier versions could award, the first takes it; both stay
    as they are. Labels are looked through at every start, because an instance of an earlier version
    may have awarded one meanwhile; candidacies once.
    """

    def __init__(self, database: Database, cases: MongoCases, claims: MongoClaims) -> None:
        self._awards: Collection = database["awards"]
        self._history: Collection = database["history"]
        self._decisions: Collection = database["decisions"]
        self._upgrades: Collection = database["upgrades"]
        self._cases = cases
        self._claims = claims

    async def run(self) -> None:
        """Take every claim that is missing. Idempotent; several instances may run it at once."""
        async for awards in _in_batches(self._awards, {}, "awarded_at"):
            labels = [award_from(each) for each in awards]
            await self._claims.take_for_labels(
                Claim(each.claim, each.application_id) for each in labels
            )
        async for stored in _in_batches(self._history, {}, "_id"):
            found = (claim_of_label(historical_from(each)) for each in stored)
            await self._claims.take_for_labels(each for each in found if each)
        with translated_errors():
            is_done = await self._upgrades.find_one({"_id": _DONE})
        if not is_done:
            await self._candidacies()

    async def _candidacies(self) -> None:
        open_ones = {"step": None, "outcome": {"$ne": "not-qualified"}}
        async for decisions in _in_batches(self._decisions, open_ones, "received_at"):
            await self._claims.take(
                await self._claims_of([each["application_id"] for each in decisions])
            )
        with translated_errors():
            await insert_new(self._upgrades, [{"_id": _DONE}])

    async def _claims_of(self, application_ids: Sequence[str]) -> Iterable[Claim]:
        """Return the claims of open candidacies, in the order of their receipt."""
        cases = {
            each.case.candidate.application_id: each.case
            for each in await self._cases.of(application_ids)
        }
        claims = {id_: claim_of_case(case) for id_, case in cases.items() if not case.award}
        return [
            Claim(claim, id_)
            for id_ in application_ids
            if (claim := claims.get(id_)) and still_claims(cases[id_], claim)
        ]


async def _in_batches(
    collection: Collection, wanted: Document, order: str
) -> AsyncIterator[list[Document]]:
    with translated_errors():
        found = collection.find(wanted, batch_size=_BATCH, allow_disk_use=True).sort(order)
        batch: list[Document] = []
        async for each in found:
            batch.append(each)
            if len(batch) == _BATCH:
                yield batch
                batch = []
    if batch:
        yield batch
