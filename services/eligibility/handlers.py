"""Handles events: parse, look up, decide, keep, announce."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, Final, Protocol

from pydantic import TypeAdapter

from services.eligibility.rules.batch import case_of, history_of, with_batch
from services.eligibility.rules.catalogue import REASONS
from services.eligibility.rules.decision import FundingDecision
from services.eligibility.rules.histories import Case, Histories
from services.eligibility.rules.outlook import Decided, Outlooks
from services.eligibility.rules.programme import Programme
from services.eligibility.rules.repeat import NO_HISTORY, Completion, History
from services.eligibility.rules.rules import decide
from services.eligibility.rules.ruling import Ruling
from services.eligibility.rules.ruling import ruled as ruled_with
from services.eligibility.store.store import Completed, StoredFact, Withdrawn
from shared.clock import hong_kong_date, whole_milliseconds
from shared.consumer.handling import Decide, Handler
from shared.decisions.events import decision_event
from shared.decisions.model import Proposal
from shared.events.casework import CaseRuled, ProjectCompleted
from shared.events.eligibility import DECISIONS, EligibilityDecided
from shared.events.envelope import Event, Outgoing
from shared.events.intake import (
    ApplicationAmended,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    FundingApplication,
)

_WITHDRAWN: Final = ApplicationWithdrawn.__name__
PARSERS: Final = {
    event.__name__: TypeAdapter(event).validate_json
    for event in (
        ApplicationSubmitted,
        ApplicationAmended,
        ApplicationWithdrawn,
        CaseRuled,
        ProjectCompleted,
    )
}


class Store(Protocol):
    """Stores facts and looks up histories."""

    async def keep(self, facts: Sequence[StoredFact]) -> Sequence[Proposal[FundingDecision]]:
        """Store facts and the decisions that rulings lead to; return the decisions to announce."""
        ...

    async def histories(self, cases: Sequence[Case]) -> Histories:
        """Look up the histories of these factories."""
        ...


@dataclass(frozen=True)
class Decider:
    """Decides events by a programme and the histories that were looked up for their batch."""

    programme: Programme
    decided_at: datetime
    histories: Histories
    outlooks: Outlooks

    @cached_property
    def decided_on(self) -> date:
        """The Hong Kong day on which the batch is decided."""
        return hong_kong_date(self.decided_at)

    def fact(self, event: Event[Any]) -> StoredFact | None:
        """Return the fact to store for an event, or `None` if it does not concern this service."""
        match event.data:
            case ApplicationSubmitted():
                is_ours = event.data.application.stream != "recognition"
                return self._proposal(event) if is_ours else None
            case ApplicationWithdrawn(application_id=application_id):
                return Withdrawn(application_id)
            case CaseRuled():
                return _ruling(event)
            case ProjectCompleted():
                return _completed(event.data)
            case _:
                return None

    def _proposal(self, event: Event[ApplicationSubmitted]) -> Proposal[FundingDecision]:
        history = history_of(event.data, self.histories)
        return Proposal(self._decided(event, history), event.traceparent, event.time_ms)

    def _decided(self, event: Event[ApplicationSubmitted], history: History) -> FundingDecision:
        """Decide one version of an application as of the Hong Kong day of its receipt."""
        submitted, application = event.data, event.data.application
        assert application.stream != "recognition"
        received_on = hong_kong_date(submitted.received_at)
        decision = decide(application, received_on, self.programme, history)
        decided = Decided(application.stream, decision.phase, decision.outcome)
        return FundingDecision(
            application_id=submitted.application_id,
            version=submitted.version,
            stream=application.stream,
            outcome=decision.outcome,
            grant_cents=decision.grant_cents,
            indicative_grant_cents=decision.indicative_grant_cents,
            phase=decision.phase,
            reasons=REASONS.reasons(decision.reasons),
            rule_version=self.programme.version,
            received_at=whole_milliseconds(submitted.received_at),
            decided_at=self.decided_at,
            factory_registration_number=_factory(application),
            eligible_cost_cents=decision.amounts.cost_cents,
            share_percent=decision.amounts.share_percent,
            ceiling_cents=decision.amounts.ceiling_cents,
            facts_hash=_hash(event.value, history),
            conditions=REASONS.reasons(decision.conditions),
            outlook=self.outlooks.of(decided, received_on, self.decided_on),
            requested_cents=decision.amounts.requested_cents,
        )


def _factory(application: FundingApplication) -> str | None:
    if application.stream == "organisation-support":
        return None
    return application.factory.registration_number


def _hash(value: bytes, history: History) -> str:
    digest = hashlib.sha256(value)
    if history is not NO_HISTORY and history != NO_HISTORY:
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


def ruling_by(programme: Programme) -> Callable[[FundingDecision, Ruling], FundingDecision]:
    """Return the function that applies a ruling to a decision."""
    outlooks = Outlooks(programme)

    def rule(decision: FundingDecision, ruling: Ruling) -> FundingDecision:
        ruled = ruled_with(decision, ruling, REASONS)
        outlook = outlooks.of(
            Decided(ruled.stream, ruled.phase, ruled.outcome),
            hong_kong_date(ruled.received_at),
            hong_kong_date(ruled.decided_at),
        )
        return ruled._replace(outlook=outlook)

    return rule


def announce(stored: Proposal[FundingDecision]) -> Outgoing:
    """Build the event of a stored decision; the same decision always gives the same bytes."""
    return decision_event(stored, EligibilityDecided, DECISIONS)


def build_handler(
    store: Store,
    programme: Programme,
    now: Callable[[], datetime],
    on_published: Callable[[Sequence[Proposal[FundingDecision]]], None] = lambda _stored: None,
) -> Handler[StoredFact, Proposal[FundingDecision]]:
    """Build the handler of the events that this service reads."""
    outlooks = Outlooks(programme)

    async def lookup(events: Sequence[Event[Any]]) -> Decide[StoredFact]:
        cases = [case for each in events if (case := case_of(each.data))]
        known = await store.histories(cases)
        if len(set(cases)) < len(cases) or any(e.type == _WITHDRAWN for e in events):
            known = with_batch(known, (e.data for e in events), programme)
        return Decider(programme, now(), known, outlooks).fact

    return Handler(
        parsers=PARSERS,
        lookup=lookup,
        keep=store.keep,
        announce=announce,
        on_published=on_published,
    )
