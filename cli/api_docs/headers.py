"""The headers of every event, as `shared.events.envelope` and the publisher write them."""

from typing import Any, Final

from cli.api_docs.catalogue import EventType

_UUID: Final = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"


def headers_schema(event: EventType) -> dict[str, Any]:
    """Return the JSON Schema of the headers of one type of event, each as text in UTF-8."""
    headers = _HEADERS if event.is_about_application else _ABOUT_ANYTHING_ELSE
    return {
        "type": "object",
        "required": [name for name in headers if name not in _OPTIONAL],
        "properties": {
            **{name: {"type": "string", **schema} for name, schema in headers.items()},
            "ce_type": _constant("Names the type of event.", event.name),
            "ce_source": _constant("The owner of the topic.", event.owner),
        },
    }


def _constant(description: str, value: str) -> dict[str, Any]:
    return {"type": "string", "const": value, "description": description}


_HEADERS: Final[dict[str, dict[str, Any]]] = {
    "ce_specversion": {"const": "1.0", "description": "The version of CloudEvents."},
    "ce_id": {
        "pattern": _UUID,
        "description": "Identifies the event: a repeat has the same id. Drop repeats by it.",
    },
    "ce_type": {},
    "ce_source": {},
    "ce_subject": {"pattern": _UUID, "description": "The application's id, as the record's key."},
    "ce_reference": {"description": "What people call the application, such as 70YX-DH6P-K3AV."},
    "ce_time": {
        "format": "date-time",
        "description": "When it happened (RFC 3339). The record's timestamp is no substitute.",
    },
    "content-type": {"const": "application/json"},
    "traceparent": {"description": "The W3C trace context of the request that led to the event."},
    "ce_recordedtime": {
        "format": "date-time",
        "description": "When the record was written to its topic. A repeat has another one.",
    },
}
_ABOUT_ANYTHING_ELSE: Final[dict[str, dict[str, Any]]] = {
    **{
        name: each for name, each in _HEADERS.items() if name not in {"ce_reference", "traceparent"}
    },
    "ce_subject": {"description": "What it is about, as the record's key."},
}
# Events of release 0.1.0 have no reference, and those before the next one no recorded time. They
# stay on their topics.
_OPTIONAL: Final = frozenset({"ce_reference", "traceparent", "ce_recordedtime"})
