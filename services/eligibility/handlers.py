"""The steps for each event: read, look up, decide, keep, announce."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol

from pydantic import TypeAdapter

from services.eligibility.decided import Decided
from services.eligibility.programme import Programme
from services.eligibility.repeat import NO_HISTORY, Completion, History
from services.eligibility.rules import decide
from services.eligibility.ruling import Ruling
from services.eligibility.ruling import ruled as ruled_with
from services.eligibility.store import Case, Completed, Fact, Histories, Withdrawn
from shared.clock import hong_kong_date, whole_milliseconds
from shared.decisions import Proposal, announcement
from shared.events.casework import CaseRuled, ProjectCompleted
from shared.events.eligibility import DECISIONS, EligibilityDecided
from shared.events.envelope import Event, Outgoing, Reason
from shared.events.intake import (
    ApplicationAmended,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    FundingApplication,
    OrganisationSupportApplication,
    RecognitionApplication,
)
from shared.handling import Steps
from shared.reasons import load_reasons

SERVICE: Final = "eligibility"
REASONS: Final[Mapping[str, Reason]] = load_reasons(Path(__file__).with_name("reasons.toml"))
READ: Final = {
    event.__name__: TypeAdapter(event).validate_json
    for event in (
        ApplicationSubmitted,
        ApplicationAmended,
        ApplicationWithdrawn,
        CaseRuled,
        ProjectCompleted,
    )
}


class Keeping(Protocol):
    """Where facts are kept and histories looked up."""

    async def keep(self, facts: Sequence[Fact]) -> Sequence[Proposal[Decided]]:
        """Keep facts, and what rulings make of decisions; return the decisions to announce."""
        ...

    async def histories(self, cases: Sequence[Case]) -> Histories:
        """Look up what bears on applications for these factories."""
        ...


@dataclass(frozen=True, slots=True)
class Deciding:
    """Decides events by a programme and what was looked up for their batch."""

    programme: Programme
    now: Callable[[], datetime]
    histories: Histories

    def fact(self, event: Event[Any]) -> Fact | None:
        """Find what an event asks to be kept; nothing if it is no concern of this service."""
        match event.data:
            case ApplicationSubmitted(application=RecognitionApplication()):
                return None
            case ApplicationSubmitted():
                return self._proposal(event)
            case ApplicationWithdrawn(application_id=application_id):
                return Withdrawn(application_id)
            case CaseRuled():
                return _ruling(event)
            case ProjectCompleted():
                return _completed(event.data)
            case _:
                return None

    def _proposal(self, event: Event[ApplicationSubmitted]) -> Proposal[Decided]:
        case = case_of(event.data.application)
        known = NO_HISTORY
        if case:
            known = self.histories.of(event.data.application_id, case)
        return Proposal(decided(event, self.programme, known, self.now()), event.traceparent)


def decided(
    event: Event[ApplicationSubmitted], programme: Programme, history: History, now: datetime
) -> Decided:
    """Decide one version of an application for funding, by the Hong Kong day of its receipt."""
    submitted, application = event.data, event.data.application
    assert not isinstance(application, RecognitionApplication)
    decision = decide(application, hong_kong_date(submitted.received_at), programme, history)
    case = case_of(application)
    return Decided(
        application_id=submitted.application_id,
        version=submitted.version,
        stream=application.stream,
        outcome=decision.outcome,
        grant_cents=decision.grant_cents,
        indicative_grant_cents=decision.indicative_grant_cents,
        phase=decision.phase,
        reasons=tuple(REASONS[code] for code in decision.reasons),
        rule_version=programme.version,
        received_at=whole_milliseconds(submitted.received_at),
        decided_at=now,
        factory_registration_number=case[0] if case else None,
        eligible_cost_cents=decision.amounts.cost_cents,
        share_percent=decision.amounts.share_percent,
        ceiling_cents=decision.amounts.ceiling_cents,
        facts_hash=_hash(event.value, history),
        conditions=tuple(REASONS[code] for code in decision.conditions),
    )


def case_of(application: FundingApplication | RecognitionApplication) -> Case | None:
    """Find the factory and stream whose history bears on an application; not all have one."""
    if isinstance(application, RecognitionApplication | OrganisationSupportApplication):
        return None
    return application.factory.registration_number, application.stream


def _hash(value: bytes, history: History) -> str:
    digest = hashlib.sha256(value)
    if history != NO_HISTORY:
        digest.update(repr(history).encode())
    return digest.hexdigest()


def _ruling(event: Event[CaseRuled]) -> Ruling | None:
    ruled = event.data
    if ruled.step != "funding":
        return None
    return Ruling(
        application_id=ruled.application_id,
        version=ruled.version,
        ruling_id=ruled.ruling_id,
        approved=ruled.ruling == "approved",
        adjusted_cost_cents=ruled.adjusted_cost_cents,
        grant_cents=ruled.grant_cents,
        reasons=ruled.reasons,
        ruled_at=whole_milliseconds(ruled.ruled_at),
        traceparent=event.traceparent,
    )


def _completed(completed: ProjectCompleted) -> Completed:
    return Completed(
        completed.application_id,
        completed.stream,
        completed.factory_registration_number,
        Completion(
            completed.completed_on, completed.report_approved, completed.recommended_measures
        ),
    )


def rule(decision: Decided, ruling: Ruling) -> Decided:
    """Decide by a ruling, with the sentences of this service."""
    return ruled_with(decision, ruling, REASONS)


def announce(kept: Proposal[Decided]) -> Outgoing:
    """Build the event for a kept decision; the same decision always gives the same bytes."""
    return announcement(kept, EligibilityDecided, DECISIONS)


def steps(
    record: Keeping,
    programme: Programme,
    now: Callable[[], datetime],
    count: Callable[[Sequence[Proposal[Decided]]], None] = lambda _kept: None,
) -> Steps[Fact, Proposal[Decided]]:
    """Name what this service does with the events that it reads."""

    async def look_up(events: Sequence[Event[Any]]) -> Callable[[Event[Any]], Fact | None]:
        submitted = [e.data for e in events if isinstance(e.data, ApplicationSubmitted)]
        cases = [case for each in submitted if (case := case_of(each.application))]
        return Deciding(programme, now, await record.histories(cases)).fact

    return Steps(
        read=READ,
        decide=Deciding(programme, now, Histories({}, ())).fact,
        keep=record.keep,
        announce=announce,
        count=count,
        look_up=look_up,
    )
