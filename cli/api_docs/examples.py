"""The examples of every event in `samples/events/`, as they are on the topics.

Between them they state every field that an event can have, as a test checks; the persons are
fictitious.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from cli.api_docs.catalogue import EventType
from devstack.stack.program import PROJECT
from shared.events.envelope import Attributes, derived_id, recorded

_AT: Final = datetime(2026, 11, 2, 1, 30, 2, 125_000, tzinfo=UTC)
_TRACE: Final = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def examples(event_type: str) -> Mapping[str, dict[str, Any]]:
    """Return the examples of a type of event by their names, each time new ones.

    Raises `ValueError` without any.
    """
    read: dict[str, dict[str, Any]] = json.loads(_text(event_type))
    return read


@cache
def _text(event_type: str) -> str:
    file = PROJECT / "samples" / "events" / f"{event_type}.json"
    if not file.exists():
        msg = f"Must have an example: write samples/events/{file.name}, as its neighbours."
        raise ValueError(msg)
    return file.read_text(encoding="utf-8")


def example_headers(event: EventType, data: Mapping[str, Any]) -> dict[str, str]:
    """Return the headers of an example."""
    subject = data[event.key_field]
    event_id = derived_id(event.name, subject)
    is_about_application = event.is_about_application
    trace = _TRACE if is_about_application else ""
    attributes = Attributes(
        event.name, event_id, event.owner, subject, _AT, trace, is_about_application
    )
    return {name: value.decode() for name, value in (*attributes.headers(), recorded(_AT))}
