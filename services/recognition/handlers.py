"""The steps for each event: read, decide, keep, announce."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from services.recognition.rules import decide
from services.recognition.scheme import Scheme
from services.recognition.store import Decided
from shared.clock import hong_kong_date, whole_milliseconds
from shared.decisions import Decisions, Proposal, announcement
from shared.events.envelope import Event, Outgoing, Reason
from shared.events.intake import ApplicationSubmitted, RecognitionApplication
from shared.events.recognition import DECISIONS, RecognitionDecided
from shared.handling import Steps
from shared.reasons import load_reasons

SERVICE: Final = "recognition"
REASONS: Final[Mapping[str, Reason]] = load_reasons(Path(__file__).with_name("reasons.toml"))
READ: Final = {
    ApplicationSubmitted.__name__: TypeAdapter(ApplicationSubmitted).validate_json,
}


def propose(
    event: Event[ApplicationSubmitted], scheme: Scheme, now: datetime
) -> Proposal[Decided] | None:
    """Decide an application for a label; one for funding is another service's."""
    submitted = event.data
    if not isinstance(submitted.application, RecognitionApplication):
        return None
    candidacy = submitted.application.candidacy
    decision = decide(candidacy, hong_kong_date(submitted.received_at), scheme)
    decided = Decided(
        application_id=submitted.application_id,
        version=submitted.version,
        category=candidacy.category,
        outcome=decision.outcome,
        round_year=decision.round_year,
        reasons=tuple(REASONS[code] for code in decision.reasons),
        rule_version=scheme.version,
        received_at=whole_milliseconds(submitted.received_at),
        decided_at=now,
    )
    return Proposal(decided, event.traceparent)


def announce(kept: Proposal[Decided]) -> Outgoing:
    """Build the event for a kept decision; the same decision always gives the same bytes."""
    return announcement(kept, RecognitionDecided, DECISIONS)


def steps(
    decisions: Decisions[Decided],
    scheme: Scheme,
    now: Callable[[], datetime],
    count: Callable[[Sequence[Proposal[Decided]]], None],
) -> Steps[Proposal[Decided], Proposal[Decided]]:
    """Name what this service does with the events that it reads."""
    return Steps(
        read=READ,
        decide=lambda event: propose(event, scheme, now()),
        keep=decisions.keep,
        announce=announce,
        count=count,
    )
