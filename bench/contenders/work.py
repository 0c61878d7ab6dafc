"""The work, the same for all Python contenders: parse, decide, build the document and the event.

A decision depends on earlier applications of the same factory, so contenders query them for each
batch: `history_query` is the filter for `completions` and `decisions`, `OUTCOME` the projection
for `decisions`, and `read_histories` reads the results.

The event models and the rules are those of the eligibility service, so that only the framework
differs. Nothing here uses Kafka or MongoDB.
"""

import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import orjson
from pydantic import TypeAdapter

import services.eligibility
from services.eligibility.rules.batch import case_of, history_of
from services.eligibility.rules.histories import Histories
from services.eligibility.rules.outlook import Decided, Outlooks
from services.eligibility.rules.programme import load_programme
from services.eligibility.rules.rules import decide as apply_rules
from services.eligibility.store import history_documents
from shared.clock import hong_kong_date, utc_now, whole_milliseconds
from shared.decisions.reasons import load_reasons
from shared.events.envelope import Attributes, derived_id
from shared.events.intake import ApplicationSubmitted, RecognitionApplication

SERVERS: Final = os.environ["KAFKA_BOOTSTRAP_SERVERS"]
MONGODB_URL: Final = os.environ["MONGODB_URL"]
TOPIC: Final = os.environ["BENCH_TOPIC"]
GROUP: Final = os.environ["BENCH_GROUP"]
DATABASE: Final = os.environ["BENCH_DATABASE"]
OUTPUT: Final = os.environ["BENCH_OUTPUT"]
DEAD_LETTERS: Final = os.environ["BENCH_DEAD_LETTERS"]
DURABLE: Final = {"w": "majority", "journal": True, "tz_aware": True}

Document = dict[str, Any]
OUTCOME: Final = history_documents.OUTCOME
parse: Final = TypeAdapter(ApplicationSubmitted).validate_json
_PROGRAMME: Final = load_programme()
_OUTLOOKS: Final = Outlooks(_PROGRAMME)
_CATALOGUE: Final = Path(services.eligibility.__path__[0]) / "rules" / "reasons.toml"
_REASONS: Final = {code: asdict(reason) for code, reason in load_reasons(_CATALOGUE).items()}
_NOT_IN_EVENT: Final = frozenset({"_id"})


@dataclass(frozen=True, slots=True)
class OutgoingEvent:
    """A decision event, ready to publish."""

    key: bytes
    value: bytes
    headers: Sequence[tuple[str, bytes]]


def history_query(events: Iterable[ApplicationSubmitted]) -> Document:
    """Return the filter for everything that is stored about the applications' factories."""
    factories = {case[0] for each in events if (case := case_of(each))}
    return {"factory_registration_number": {"$in": sorted(factories)}}


def read_histories(completions: Iterable[Document], decisions: Iterable[Document]) -> Histories:
    """Read the histories of factories from completions and decisions."""
    in_force = history_documents.in_force(decisions)
    return history_documents.read_histories([*completions], in_force)


def decide(event: ApplicationSubmitted, value: bytes, histories: Histories) -> Document:
    """Decide an application; return the decision as the document to store."""
    application = event.application
    assert not isinstance(application, RecognitionApplication)
    received_on, decided_at = hong_kong_date(event.received_at), utc_now()
    decision = apply_rules(application, received_on, _PROGRAMME, history_of(event, histories))
    decided = Decided(application.stream, decision.phase, decision.outcome)
    factory = getattr(application, "factory", None)
    return {
        "_id": f"{event.application_id}:{event.version}",
        "application_id": event.application_id,
        "version": event.version,
        "stream": application.stream,
        "outcome": decision.outcome,
        "grant_cents": decision.grant_cents,
        "indicative_grant_cents": decision.indicative_grant_cents,
        "phase": decision.phase,
        "reasons": [_REASONS[code] for code in decision.reasons],
        "rule_version": _PROGRAMME.version,
        "received_at": whole_milliseconds(event.received_at),
        "decided_at": decided_at,
        "factory_registration_number": factory.registration_number if factory else None,
        "eligible_cost_cents": decision.amounts.cost_cents,
        "share_percent": decision.amounts.share_percent,
        "ceiling_cents": decision.amounts.ceiling_cents,
        "facts_hash": hashlib.sha256(value).hexdigest(),
        "conditions": [_REASONS[code] for code in decision.conditions],
        "ruling_id": None,
        "outlook": _OUTLOOKS.of(decided, received_on, hong_kong_date(decided_at)),
    }


def to_event(document: Document) -> OutgoingEvent:
    """Build the event of a stored decision; the same decision always gives the same bytes."""
    decided_at: datetime = document["decided_at"]
    application_id: str = document["application_id"]
    attributes = Attributes(
        type="EligibilityDecided",
        id=derived_id("EligibilityDecided", document["_id"]),
        source="eligibility",
        subject=application_id,
        time=decided_at,
    )
    data = {name: value for name, value in document.items() if name not in _NOT_IN_EVENT}
    value = orjson.dumps(data, option=orjson.OPT_UTC_Z)
    return OutgoingEvent(application_id.encode(), value, attributes.headers())
