"""Candidacies, decisions and rulings in MongoDB. Written once, never updated.

Applications and rulings come on different topics, so either may be first. Each is written before
the other is looked up: of two that are handled concurrently, at least one sees both.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict

from pydantic import TypeAdapter

from services.recognition.rules.conclusions import CaseOnFile
from services.recognition.rules.decision import RecognitionDecision
from services.recognition.rules.steps import Candidate, Case
from services.recognition.store.labels import MongoLabels, find_all, without_id
from shared.decisions.store import MongoDecisions
from shared.events.casework import CaseRuled, ObjectionReceived
from shared.events.intake import ApplicationWithdrawn
from shared.mongo import Collection, Database, Document, IndexModel, keep_first, translated_errors
from shared.mongo_indexes import create_indexes

_RULING = TypeAdapter(CaseRuled)


def decisions_in(database: Database) -> MongoDecisions[RecognitionDecision]:
    """Return the service's decisions in its database."""
    return MongoDecisions(database["decisions"], RecognitionDecision, {"objection_id": None})


class MongoCases:
    """Candidacies, decisions, rulings and withdrawals; labels are in `MongoLabels`."""

    def __init__(self, database: Database, labels: MongoLabels) -> None:
        self.decisions = decisions_in(database)
        self._candidates: Collection = database["candidates"]
        self._rulings: Collection = database["rulings"]
        self._objections: Collection = database["objections"]
        self._withdrawals: Collection = database["withdrawals"]
        self._labels = labels

    async def prepare(self) -> None:
        """Create the indexes; idempotent."""
        await create_indexes(self._candidates, IndexModel("application_id"))
        await create_indexes(self._rulings, IndexModel("application_id"))
        await create_indexes(self._objections, IndexModel("application_id"))

    async def insert_candidates(self, candidates: Iterable[Candidate]) -> None:
        """Insert candidates, once for each version."""
        await keep_first(
            self._candidates,
            [
                {"_id": f"{each.application_id}:{each.version}", **asdict(each)}
                for each in candidates
            ],
        )

    async def insert_rulings(self, rulings: Iterable[CaseRuled]) -> None:
        """Insert rulings; a repeat is the same ruling.

        The outcome is part of the key: a refusal is never taken for a repeat of an approval with
        the same reference.
        """
        await keep_first(self._rulings, [_ruling_document(each) for each in rulings])

    async def insert_objections(self, objections: Iterable[ObjectionReceived]) -> None:
        """Insert objections; a repeated reference on a case is the same objection."""
        await keep_first(
            self._objections,
            [
                {
                    "_id": f"{each.application_id}:{each.objection_id}",
                    "application_id": each.application_id,
                    "objection_id": each.objection_id,
                    "received_at": each.received_at,
                }
                for each in objections
            ],
        )

    async def insert_withdrawals(self, withdrawals: Iterable[ApplicationWithdrawn]) -> None:
        """Insert withdrawals of candidacies; those of applications for funding are ignored."""
        by_id = {each.application_id: each.withdrawn_at for each in withdrawals}
        candidates = await self._latest(list(by_id))
        await keep_first(
            self._withdrawals, [{"_id": each, "withdrawn_at": by_id[each]} for each in candidates]
        )

    async def ruled(self, application_ids: Sequence[str]) -> Sequence[str]:
        """Return which of these applications have rulings."""
        with translated_errors():
            found = await self._rulings.distinct(
                "application_id", {"application_id": {"$in": list(application_ids)}}
            )
        return [str(each) for each in found]

    async def of(self, application_ids: Sequence[str]) -> Sequence[CaseOnFile]:
        """Return the cases of these applications, without unknown ones."""
        candidates = await self._latest(application_ids)
        decided = await self.decisions.with_keys(
            f"{each.application_id}:{each.version}" for each in candidates.values()
        )
        rulings = await self._rulings_on(application_ids)
        objections = await self._objections_to(application_ids)
        withdrawn = await self._withdrawn(application_ids)
        awards = await self._labels.awards_of(application_ids)
        return [
            CaseOnFile(
                Case(
                    candidate=candidates[each.decision.application_id],
                    outcome=each.decision.outcome,
                    round_year=each.decision.round_year,
                    rulings=tuple(rulings.get(each.decision.application_id, ())),
                    withdrawn=each.decision.application_id in withdrawn,
                    award=awards.get(each.decision.application_id),
                    objections=frozenset(objections.get(each.decision.application_id, ())),
                ),
                each,
            )
            for each in decided
        ]

    async def _latest(self, application_ids: Sequence[str]) -> dict[str, Candidate]:
        latest: dict[str, Candidate] = {}
        for document in await find_all(self._candidates, "application_id", application_ids):
            candidate = Candidate(**without_id(document))
            known = latest.get(candidate.application_id)
            if known is None or known.version < candidate.version:
                latest[candidate.application_id] = candidate
        return latest

    async def _rulings_on(self, application_ids: Sequence[str]) -> dict[str, list[CaseRuled]]:
        found: dict[str, list[CaseRuled]] = {}
        for document in await find_all(self._rulings, "application_id", application_ids):
            ruling = _RULING.validate_json(document["data"])
            found.setdefault(ruling.application_id, []).append(ruling)
        return found

    async def _objections_to(self, application_ids: Sequence[str]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for document in await find_all(self._objections, "application_id", application_ids):
            found.setdefault(document["application_id"], []).append(document["objection_id"])
        return found

    async def _withdrawn(self, application_ids: Sequence[str]) -> set[str]:
        found = await find_all(self._withdrawals, "_id", application_ids)
        return {str(each["_id"]) for each in found}


def _ruling_document(ruling: CaseRuled) -> Document:
    key = (
        ruling.application_id,
        str(ruling.version),
        ruling.step,
        ruling.ruling,
        ruling.ruling_id,
    )
    return {
        "_id": ":".join(key),
        "application_id": ruling.application_id,
        "data": ruling.model_dump_json(),
    }
