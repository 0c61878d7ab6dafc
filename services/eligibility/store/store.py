"""The service's collections in MongoDB. Only this folder knows them.

Nothing is ever updated: decisions, rulings, completions, withdrawals and the spellings of numbers
are inserted once.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Final, TypeAlias, TypeVar

from services.eligibility.rules.decision import FundingDecision
from services.eligibility.rules.histories import Case, Histories
from services.eligibility.rules.repeat import Completion
from services.eligibility.rules.ruling import Ruling
from services.eligibility.store.history_documents import (
    COMPLETIONS_BY_FACTORY,
    DECISIONS_BY_FACTORY,
    OUTCOME,
    in_force,
    read_histories,
)
from services.eligibility.store.spellings import NUMBER, MongoSpellings
from shared.decisions.model import Proposal
from shared.decisions.store import MongoDecisions
from shared.events.envelope import Reason
from shared.events.intake import FundingStream
from shared.mongo import (
    Database,
    Document,
    IndexModel,
    keep_first,
    translated_errors,
)
from shared.mongo_indexes import create_indexes

KindT = TypeVar("KindT")


@dataclass(frozen=True, slots=True)
class Completed:
    """A funded project of a factory that was completed."""

    application_id: str
    stream: FundingStream
    factory_registration_number: str
    completion: Completion


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A withdrawn application: rulings on it have no effect."""

    application_id: str


StoredFact: TypeAlias = Proposal[FundingDecision] | Ruling | Completed | Withdrawn


class EligibilityStore:
    """The store of facts, decisions and rulings."""

    def __init__(
        self, database: Database, make_ruled: Callable[[FundingDecision, Ruling], FundingDecision]
    ) -> None:
        self.decisions = MongoDecisions(
            database["decisions"], FundingDecision, {"requested_cents": "outlook"}
        )
        self._decided = database["decisions"]
        self._rulings = database["rulings"]
        self._completions = database["completions"]
        self._withdrawals = database["withdrawals"]
        self._spellings = MongoSpellings(database["spellings"])
        self._ruled = make_ruled

    async def prepare(self) -> None:
        """Create the indexes, and enter the spellings of numbers stored before; idempotent."""
        await create_indexes(self._decided, IndexModel(DECISIONS_BY_FACTORY))
        await create_indexes(self._rulings, IndexModel("decision"))
        await create_indexes(self._completions, IndexModel(COMPLETIONS_BY_FACTORY))
        await self._spellings.prepare([self._decided, self._completions])

    async def keep(self, facts: Sequence[StoredFact]) -> Sequence[Proposal[FundingDecision]]:
        """Keep facts, and what rulings make of decisions; return the decisions to announce.

        A ruling and its decision come from different topics, in any order and perhaps to different
        members of the group. Each side is stored before the other is looked up, so one of the two
        always sees both.
        """
        rulings = _of_type(facts, Ruling)
        await asyncio.gather(
            self._spellings.keep(_numbers_in(facts)),
            keep_first(
                self._withdrawals, [{"_id": w.application_id} for w in _of_type(facts, Withdrawn)]
            ),
            keep_first(
                self._completions, [_completion(each) for each in _of_type(facts, Completed)]
            ),
            keep_first(self._rulings, [_ruling_document(each) for each in rulings]),
        )
        decisions = await self.decisions.keep(
            [each for each in facts if isinstance(each, Proposal)]
        )
        return [*decisions, *await self.decisions.keep(await self._ruled_by(decisions, rulings))]

    async def _ruled_by(
        self, decisions: Sequence[Proposal[FundingDecision]], rulings: Sequence[Ruling]
    ) -> list[Proposal[FundingDecision]]:
        bases = {each.idempotency_key: each for each in decisions}
        with translated_errors():
            earlier = [
                _ruling(each)
                async for each in self._rulings.find({"decision": {"$in": list(bases)}})
            ]
            missing = {_decision_key(each) for each in rulings} - set(bases)
            if missing:
                found = await self.decisions.with_keys(missing)
                bases |= {each.idempotency_key: each for each in found}
        all_rulings = {(_decision_key(each), each.ruling_id): each for each in [*earlier, *rulings]}
        effective = [each for each in all_rulings.values() if _decision_key(each) in bases]
        withdrawn = await self._withdrawn_of(each.application_id for each in effective)
        return [
            self._by_ruling(each, bases[_decision_key(each)])
            for each in effective
            if each.application_id not in withdrawn
        ]

    def _by_ruling(
        self, ruling: Ruling, base: Proposal[FundingDecision]
    ) -> Proposal[FundingDecision]:
        """Return what a ruling makes of a decision; without a trace it goes on with that one's."""
        return Proposal(self._ruled(base.decision, ruling), ruling.traceparent or base.traceparent)

    async def _withdrawn_of(self, application_ids: Iterable[str]) -> set[str]:
        wanted = list(application_ids)
        if not wanted:
            return set()
        with translated_errors():
            return {each["_id"] async for each in self._withdrawals.find({"_id": {"$in": wanted}})}

    async def _decided_for(self, factories: Collection[list[str]]) -> list[Document]:
        """Return decisions on factories, at least the latest of each; a factory by its numbers.

        The work for a batch is bounded, however many applications a factory has.
        """
        at_most = _DECISIONS_OF_A_FACTORY * len(factories)
        found = await self._latest(list(chain.from_iterable(factories)), at_most + 1)
        if len(found) <= at_most:
            return found
        each_alone = [self._latest(numbers, _DECISIONS_OF_A_FACTORY) for numbers in factories]
        return list(chain.from_iterable(await asyncio.gather(*each_alone)))

    async def _latest(self, numbers: list[str], at_most: int) -> list[Document]:
        of_factories = {NUMBER: {"$in": numbers}}
        found = self._decided.find(of_factories, OUTCOME).sort("decided_at", -1).limit(at_most)
        return [each async for each in found]

    async def histories(self, cases: Iterable[Case]) -> Histories:
        """Look up the histories of these factories, in a few queries."""
        factories = sorted({factory for factory, _ in cases})
        if not factories:
            return Histories()
        numbers = (await self._spellings.of(factories)).values()
        of_factories = {NUMBER: {"$in": list(chain.from_iterable(numbers))}}
        with translated_errors():
            completions, decided = await asyncio.gather(
                self._completions.find(of_factories).to_list(None), self._decided_for(numbers)
            )
        effective = in_force(decided)
        return read_histories(completions, effective, await self._withdrawn_of(effective))


_DECISIONS_OF_A_FACTORY: Final = 20


def _of_type(facts: Iterable[StoredFact], kind: type[KindT]) -> list[KindT]:
    return [each for each in facts if isinstance(each, kind)]


def _numbers_in(facts: Iterable[StoredFact]) -> Iterator[str]:
    """Yield the registration numbers of factories, as typed."""
    for each in facts:
        if isinstance(each, Completed):
            yield each.factory_registration_number
        elif isinstance(each, Proposal) and each.decision.factory_registration_number:
            yield each.decision.factory_registration_number


def _decision_key(ruling: Ruling) -> str:
    """The decision that a ruling is on."""
    return f"{ruling.application_id}:{ruling.version}"


def _completion(completed: Completed) -> Document:
    completion = completed.completion
    return {
        "_id": completed.application_id,
        "stream": completed.stream,
        "factory_registration_number": completed.factory_registration_number,
        "completed_on": completion.completed_on.isoformat(),
        "report_approved": completion.report_approved,
        "recommended_measures": list(completion.recommended_measures),
    }


def _ruling_document(ruling: Ruling) -> Document:
    return {
        "_id": f"{_decision_key(ruling)}.{ruling.ruling_id}",
        "decision": _decision_key(ruling),
        **asdict(ruling),
    }


def _ruling(document: Document) -> Ruling:
    fields = {name: document[name] for name in Ruling.__slots__}
    fields["reasons"] = tuple(Reason(**each) for each in document["reasons"])
    return Ruling(**fields)
