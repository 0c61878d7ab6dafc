"""The event that publishes a stored decision."""

from typing import Any

import orjson

from shared.decisions.model import Proposal, _data
from shared.decisions.shared_values import Reasons, SharedMapping
from shared.events.envelope import (
    Attributes,
    EventData,
    Outgoing,
    Topic,
    derived_id,
)


def _in_json(value: Reasons | SharedMapping) -> orjson.Fragment:
    return orjson.Fragment(orjson.dumps(value if isinstance(value, SharedMapping) else list(value)))


def decision_event(kept: Proposal[Any], event: type[EventData], topic: Topic) -> Outgoing:
    """Build the event for a kept decision; the same decision always gives the same bytes."""
    decided = kept.decided
    kind, application_id, decided_at = event.__name__, decided.application_id, decided.decided_at
    attributes = Attributes(
        kind,
        derived_id(kind, decided.idempotency_key),
        topic.name.partition(".")[0],
        application_id,
        decided_at,
        kept.traceparent,
    )
    value = orjson.dumps(_data(decided, _in_json), option=orjson.OPT_UTC_Z)
    return Outgoing(topic.name, application_id.encode(), value, attributes.headers(), decided_at)
