"""The steps for each event: read, look up, decide, keep, announce.

`sweep.py` draws the conclusions from rulings later: a ruling may arrive before its application, and
a label is awarded by the clock.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from pydantic import TypeAdapter

from services.recognition.rules.catalogue import REASONS
from services.recognition.rules.claims import claim_of_decision, referred_beside_claim
from services.recognition.rules.decision import RecognitionDecision
from services.recognition.rules.rules import decide
from services.recognition.rules.scheme import Scheme
from services.recognition.rules.steps import Candidate
from services.recognition.store.claims import Claim
from services.recognition.store.store import RecognitionStore
from shared.clock import hong_kong_date, whole_milliseconds
from shared.consumer.handling import Decide, Handler
from shared.decisions.events import decision_event
from shared.decisions.model import Proposal
from shared.errors import MalformedRecordError
from shared.events.casework import CaseRuled, ObjectionReceived
from shared.events.envelope import Event, Outgoing
from shared.events.intake import (
    ApplicationAmended,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    RecognitionApplication,
)
from shared.events.recognition import DECISIONS, RecognitionDecided

_RULING: Final = TypeAdapter(CaseRuled)
_EARLIEST: Final = date(2000, 1, 1)
_LATEST: Final = date(2199, 12, 31)


def read_ruling(value: bytes) -> CaseRuled:
    """Parse a ruling; raises `MalformedRecordError` for impossible days of a notice."""
    ruling = _RULING.validate_json(value)
    first, last = ruling.notice_from or _EARLIEST, ruling.notice_to or _LATEST
    if not _EARLIEST <= first <= last <= _LATEST:
        msg = "notice_from and notice_to: in this order, between 2000 and 2199"
        raise MalformedRecordError(msg)
    if not _EARLIEST <= ruling.ruled_at.date() <= _LATEST:
        msg = "ruled_at: between 2000 and 2199"
        raise MalformedRecordError(msg)
    return ruling


PARSERS: Final[Mapping[str, Callable[[bytes], Any]]] = {
    **{
        each.__name__: TypeAdapter(each).validate_json
        for each in (ApplicationSubmitted, ApplicationAmended, ApplicationWithdrawn)
    },
    CaseRuled.__name__: read_ruling,
    ObjectionReceived.__name__: TypeAdapter(ObjectionReceived).validate_json,
}


@dataclass(frozen=True, slots=True)
class CandidacyVersion:
    """A version of an application for a label: the candidate, and the proposed decision."""

    candidate: Candidate
    proposal: Proposal[RecognitionDecision]

    @property
    def claim(self) -> Claim | None:
        """What the version claims, unless it is refused."""
        number = self.candidate.business_registration_number
        claim = claim_of_decision(self.proposal.decision, number)
        return Claim(claim, self.candidate.application_id) if claim else None

    def beside(self, taken: Collection[Claim]) -> Proposal[RecognitionDecision]:
        """Return the proposal, referred if its claim is among those that another one has."""
        if self.claim not in taken:
            return self.proposal
        return replace(self.proposal, decision=referred_beside_claim(self.proposal.decision))


Fact = CandidacyVersion | CaseRuled | ObjectionReceived | ApplicationWithdrawn


def propose(
    event: Event[ApplicationSubmitted],
    scheme: Scheme,
    now: datetime,
    label_years: Collection[int] = (),
) -> Proposal[RecognitionDecision] | None:
    """Decide an application for a label; return `None` for one for funding.

    `label_years` are the years of the enterprise's stored manufacturing labels.
    """
    submitted = event.data
    if not isinstance(submitted.application, RecognitionApplication):
        return None
    candidacy = submitted.application.candidacy
    received_on = hong_kong_date(submitted.received_at)
    decision = decide(candidacy, received_on, scheme, label_years)
    procedure = scheme.procedure(decision.round_year or received_on.year)
    is_open = decision.outcome != "not-qualified"
    following = procedure.first_step(hong_kong_date(now)) if is_open else {}
    decided = RecognitionDecision(
        application_id=submitted.application_id,
        version=submitted.version,
        category=candidacy.category,
        outcome=decision.outcome,
        round_year=decision.round_year,
        reasons=REASONS.reasons(tuple(decision.reasons)),
        rule_version=scheme.version,
        received_at=whole_milliseconds(submitted.received_at),
        decided_at=now,
        **following,
    )
    return Proposal(decided, event.traceparent, event.time_ms)


def fact_of(
    event: Event[Any], scheme: Scheme, now: datetime, labels: Mapping[str, Collection[int]]
) -> Fact | None:
    """Return the fact of an event, given the stored labels of enterprises."""
    match event.data:
        case CaseRuled(step="funding"):
            return None
        case CaseRuled() | ObjectionReceived() | ApplicationWithdrawn():
            return event.data
        case ApplicationSubmitted(application=RecognitionApplication() as application):
            enterprise = application.enterprise.business_registration_number
            proposal = propose(event, scheme, now, labels.get(enterprise, ()))
            candidate = _candidate(event.data, application)
            return CandidacyVersion(candidate, proposal) if proposal else None
        case _:
            return None


def _candidate(submitted: ApplicationSubmitted, application: RecognitionApplication) -> Candidate:
    return Candidate(
        application_id=submitted.application_id,
        version=submitted.version,
        category=application.candidacy.category,
        enterprise_name=application.enterprise.name,
        business_registration_number=application.enterprise.business_registration_number,
    )


class CandidacyHandler:
    """Stores facts, and schedules reviews of the candidacies that they affect."""

    def __init__(
        self, store: RecognitionStore, scheme: Scheme, now: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._scheme = scheme
        self._now = now

    async def lookup(self, events: Sequence[Event[Any]]) -> Decide[Fact]:
        """Look up the stored labels of the enterprises of a batch, in one query."""
        enterprises = {
            each.data.application.enterprise.business_registration_number
            for each in events
            if _needs_stored_labels(each.data)
        }
        labels = await self._store.labels.manufacturing_years(enterprises)
        return lambda event: fact_of(event, self._scheme, self._now(), labels)

    async def keep(self, facts: Sequence[Fact]) -> Sequence[Proposal[RecognitionDecision]]:
        """Store a batch and return the stored decisions on its applications; idempotent.

        Everything is written before the other side is looked up, so of an application and a ruling
        that are handled concurrently one sees the other. Decisions follow last: rulings and
        withdrawals of the same batch may have freed what an application claims.
        """
        cases = self._store.cases
        versions = [each for each in facts if isinstance(each, CandidacyVersion)]
        rulings = [each for each in facts if isinstance(each, CaseRuled)]
        objections = [each for each in facts if isinstance(each, ObjectionReceived)]
        withdrawals = [each for each in facts if isinstance(each, ApplicationWithdrawn)]
        await cases.insert_candidates([each.candidate for each in versions])
        await cases.insert_rulings(rulings)
        await cases.insert_objections(objections)
        await cases.insert_withdrawals(withdrawals)
        taken = await self._store.claims.take(each.claim for each in versions if each.claim)
        stored = await cases.decisions.keep([each.beside(taken) for each in versions])
        ruled = await cases.ruled([each.candidate.application_id for each in versions])
        await self._schedule(
            [*ruled, *_ids(rulings), *_ids(objections)],
            [
                *(each.candidate.application_id for each in versions if each.candidate.version > 1),
                *_ids(withdrawals),
            ],
        )
        return stored

    async def _schedule(self, ruled: Sequence[str], changed: Sequence[str]) -> None:
        """Schedule reviews of cases with rulings, and of those that wait for what is free now."""
        waiting = await self._store.claims.next_in_line([*ruled, *changed])
        await self._store.schedule.touch([*ruled, *waiting], self._now())


def _ids(facts: Iterable[CaseRuled | ObjectionReceived | ApplicationWithdrawn]) -> list[str]:
    return [each.application_id for each in facts]


def _needs_stored_labels(data: Any) -> bool:
    return (
        isinstance(data, ApplicationSubmitted)
        and isinstance(data.application, RecognitionApplication)
        and data.application.candidacy.category == "excellent-partner-manufacturing"
    )


def announce(stored: Proposal[RecognitionDecision]) -> Outgoing:
    """Build the event of a stored decision; the same decision always gives the same bytes."""
    return decision_event(stored, RecognitionDecided, DECISIONS)


def build_handler(
    candidacies: CandidacyHandler,
    on_published: Callable[[Sequence[Proposal[RecognitionDecision]]], None],
) -> Handler[Fact, Proposal[RecognitionDecision]]:
    """Build the handler of the events that this service reads."""
    return Handler(
        parsers=PARSERS,
        lookup=candidacies.lookup,
        keep=candidacies.keep,
        announce=announce,
        on_published=on_published,
    )
