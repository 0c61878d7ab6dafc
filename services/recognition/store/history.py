"""The import of labels of earlier rounds: what is new, what is known, what is refused."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Literal

from services.recognition.rules.certificate_number import normalised
from services.recognition.rules.labels import AwardedLabel, HistoricalLabel
from services.recognition.store.claims import MongoClaims, claim_of_label
from services.recognition.store.labels import (
    MongoLabels,
    find_all,
    historical_from,
    history_document,
)
from shared.mongo import Collection, Database, insert_new, translated_errors

Imported = Literal["new", "known", "changed", "number-taken", "label-claimed"]
"""What became of a line: stored now; on record as it is; or refused, the record stays as it is.

`changed` is on record with other data, and `number-taken` is the number of another certificate. The
enterprise of a `label-claimed` line has another label, or an open application, for the same claim.
"""


class MongoHistory:
    """Imports labels of earlier rounds, which are written once and never updated."""

    def __init__(self, database: Database, labels: MongoLabels, claims: MongoClaims) -> None:
        self._history: Collection = database["history"]
        self._labels = labels
        self._claims = claims

    async def keep(self, labels: Sequence[HistoricalLabel]) -> list[Imported]:
        """Insert labels of earlier rounds; return for each what became of it, in order.

        Idempotent: what an interrupted call has stored is `known` to the next one.
        """
        outcomes = await self._on_record(labels)
        missing = [each for each in labels if each.id not in outcomes]
        outcomes |= await self._refused(missing)
        new = list({each.id: each for each in missing if each.id not in outcomes}.values())
        with translated_errors():
            stored = set(await insert_new(self._history, [history_document(each) for each in new]))
        # Another import stored these since they were looked for.
        outcomes |= await self._on_record([each for each in new if each.id in stored])
        return [outcomes.get(each.id, "new") for each in labels]

    async def _on_record(self, labels: Sequence[HistoricalLabel]) -> dict[str, Imported]:
        stored = await find_all(self._history, "_id", [each.id for each in labels])
        known = {each["_id"]: historical_from(each) for each in stored}
        awarded = await self._labels.awarded_as(
            [each.certificate_number for each in labels if each.certificate_number]
        )
        found: dict[str, Imported] = {}
        for each in labels:
            award = awarded.get(normalised(each.certificate_number or ""))
            if each.id in known:
                found[each.id] = "known" if known[each.id] == each else "changed"
            elif award:
                found[each.id] = "known" if _agrees(each, award) else "changed"
        return found

    async def _refused(self, labels: Sequence[HistoricalLabel]) -> dict[str, Imported]:
        """Take claims and numbers for new labels; return the labels that cannot have theirs."""
        claims = {each.id: claim for each in labels if (claim := claim_of_label(each))}
        lost = await self._claims.take_for_labels(claims.values())
        refused: dict[str, Imported] = {
            id_: "label-claimed" for id_, claim in claims.items() if claim in lost
        }
        numbered = [each for each in labels if each.certificate_number and each.id not in refused]
        owned = await self._labels.claim_numbers(
            [(each.certificate_number or "", each.id) for each in numbered]
        )
        taken = [each.id for each, is_own in zip(numbered, owned, strict=True) if not is_own]
        await self._claims.release(claims[each] for each in taken if each in claims)
        return refused | dict.fromkeys(taken, "number-taken")


def _agrees(label: HistoricalLabel, award: AwardedLabel) -> bool:
    """Return whether a line describes a label that was awarded here, in the fields that it has."""
    described = {
        each.name: getattr(label, each.name)
        for each in fields(HistoricalLabel)
        if each.name not in {"certificate_number", "source"}
    }
    return all(value is None or value == getattr(award, name) for name, value in described.items())
