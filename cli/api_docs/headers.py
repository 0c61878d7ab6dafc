"""The headers of every event, as `shared.events.envelope` and the publisher write them."""

from typing import Any, Final

from cli.api_docs.catalogue import EventType
from shared.events.envelope import CE_REFERENCE

_UUID: Final = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"


def headers_schema(event: EventType) -> dict[str, Any]:
    """Return the JSON Schema of the headers of one type of event, each as text in UTF-8."""
    about_applications = event.topic.about_applications
    headers = {
        **{name: {"type": "string", **schema} for name, schema in _HEADERS.items()},
        "ce_type": _constant("Names the type of event.", event.name),
        "ce_source": _constant("The owner of the topic.", event.owner),
        "ce_subject": {
            "type": "string",
            "pattern": event.key["pattern"],
            "description": f"The {event.key_name}, as the record's key.",
        },
    }
    return {
        "type": "object",
        "required": [name for name in _HEADERS if name not in _OPTIONAL],
        "properties": {
            name: each
            for name, each in headers.items()
            if about_applications or name != CE_REFERENCE
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
    "ce_subject": {},
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
# Events of release 0.1.0 have no reference, and those before the next one no recorded time. They
# stay on their topics.
_OPTIONAL: Final = frozenset({"ce_reference", "traceparent", "ce_recordedtime"})
