"""The steps for each event: read, decide, keep, announce."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from services.eligibility.programme import Programme
from services.eligibility.rules import decide
from services.eligibility.store import Decided
from shared.clock import hong_kong_date, whole_milliseconds
from shared.decisions import Decisions, Proposal, announcement
from shared.events.eligibility import DECISIONS, EligibilityDecided
from shared.events.envelope import Event, Outgoing, Reason
from shared.events.intake import ApplicationSubmitted, RecognitionApplication
from shared.handling import Steps
from shared.reasons import load_reasons

SERVICE: Final = "eligibility"
REASONS: Final[Mapping[str, Reason]] = load_reasons(Path(__file__).with_name("reasons.toml"))
READ: Final = {
    ApplicationSubmitted.__name__: TypeAdapter(ApplicationSubmitted).validate_json,
}


def propose(
    event: Event[ApplicationSubmitted], programme: Programme, now: datetime
) -> Proposal[Decided] | None:
    """Decide an application for funding; one for recognition is another service's."""
    submitted = event.data
    if isinstance(submitted.application, RecognitionApplication):
        return None
    received_on = hong_kong_date(submitted.received_at)
    decision = decide(submitted.application, received_on, programme)
    decided = Decided(
        application_id=submitted.application_id,
        version=submitted.version,
        stream=submitted.application.stream,
        outcome=decision.outcome,
        grant_cents=decision.grant_cents,
        indicative_grant_cents=decision.indicative_grant_cents,
        phase=decision.phase,
        reasons=tuple(REASONS[code] for code in decision.reasons),
        rule_version=programme.version,
        received_at=whole_milliseconds(submitted.received_at),
        decided_at=now,
    )
    return Proposal(decided, event.traceparent)


def announce(kept: Proposal[Decided]) -> Outgoing:
    """Build the event for a kept decision; the same decision always gives the same bytes."""
    return announcement(kept, EligibilityDecided, DECISIONS)


def steps(
    decisions: Decisions[Decided],
    programme: Programme,
    now: Callable[[], datetime],
    count: Callable[[Sequence[Proposal[Decided]]], None],
) -> Steps[Proposal[Decided], Proposal[Decided]]:
    """Name what this service does with the events that it reads."""
    return Steps(
        read=READ,
        decide=lambda event: propose(event, programme, now()),
        keep=decisions.keep,
        announce=announce,
        count=count,
    )
