"""The event that publishes a stored decision."""

from collections.abc import Callable
from functools import cache
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
    data = encoded(decision, _in_json)
    for name, is_left_out in _optional_fields(event):
        if is_left_out(data[name]):
            del data[name]
    value = orjson.dumps(data, option=orjson.OPT_UTC_Z)
    return identity.record(topic, value)


@cache
def _optional_fields(event: type[EventData]) -> list[tuple[str, Callable[[Any], bool]]]:
    """Return the fields that JSON may leave out, and when it does; see `values.LATER`."""
    fields = event.model_fields.items()
    return [(name, each.exclude_if) for name, each in fields if each.exclude_if]


def _in_json(value: Reasons | SharedMapping) -> orjson.Fragment:
    return orjson.Fragment(orjson.dumps(value if isinstance(value, SharedMapping) else list(value)))
