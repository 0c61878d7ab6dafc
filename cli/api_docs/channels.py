"""Where each event is and how it is addressed: what a release's contract holds beside its data."""

from typing import Any

from cli.api_docs.catalogue import event_types
from cli.api_docs.headers import headers_schema


def channels() -> dict[str, dict[str, Any]]:
    """Return topic, key and headers of each type of event, as plain JSON."""
    return {
        each.name: {
            "topic": each.topic.name,
            "compacted": each.topic.compacted,
            "key": each.key["pattern"],
            "headers": headers_schema(each),
        }
        for each in event_types()
    }
