"""The event that publishes a stored decision."""

from typing import Any

import orjson

from shared.decisions.model import Proposal, encoded
from shared.decisions.shared_values import Reasons, SharedMapping
from shared.events.envelope import EventData, EventIdentity, Outgoing, Topic


def decision_event(stored: Proposal[Any], event: type[EventData], topic: Topic) -> Outgoing:
    """Build the event of a stored decision; the same decision always gives the same bytes."""
    decision = stored.decision
    identity = EventIdentity(
        event.__name__,
        decision.application_id,
        decision.idempotency_key,
        decision.decided_at,
        stored.traceparent,
    )
    value = orjson.dumps(encoded(decision, _in_json), option=orjson.OPT_UTC_Z)
    return identity.record(topic, value)


def _in_json(value: Reasons | SharedMapping) -> orjson.Fragment:
    return orjson.Fragment(orjson.dumps(value if isinstance(value, SharedMapping) else list(value)))
