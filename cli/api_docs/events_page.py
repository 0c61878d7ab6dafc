"""Generates `docs/events.md`: every event, for people."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pydantic.json_schema import models_json_schema

from cli.api_docs.catalogue import EventType, event_types, topics
from cli.api_docs.examples import examples
from cli.api_docs.fields import Field, fields_of
from devstack.servers.service import service_names
from shared.events.envelope import Topic

_INTRODUCTION: Final = """\
# Events

Made from the code by `make docs`; do not edit. For programs: [AsyncAPI](api/asyncapi.json), and a
JSON Schema of each event in [`api/schemas/`](api/schemas).

A record's key is the **application's id**, so the events of one application are in order; an event
that is about anything else names its own key, and has no reference. A record's value is JSON, its
headers are the attributes of [CloudEvents](https://cloudevents.io): `ce_type` names the event,
`ce_id` identifies it (the same event may be published again: drop repeats by it), `ce_time` is when
it happened, `ce_subject` the key and `ce_reference` what people call the application.
`ce_recordedtime` is when the record was written to its topic, which may be years after it
happened: a lag in seconds counts from it. It is the one header in which a repeat differs, and
older events have none. Topics are kept for ever, so a new reader starts at the beginning and
learns everything.

Readers ignore fields and events that they do not know. An *open* list of values may grow: read a
value that you do not know as if the field were not stated. All other lists are closed. See
[upgrading.md](upgrading.md#contracts).

| topic | events | published by | read by |
| --- | --- | --- | --- |
"""


def page() -> str:
    """Return the whole page."""
    parts = [
        _INTRODUCTION + "\n".join(_overview()),
        *(_section(each) for each in event_types()),
        "## Parts\n\nObjects inside events, each with what it says.",
        *_parts(),
    ]
    return "\n\n".join(parts) + "\n"


def _overview() -> Iterator[str]:
    for topic, events in topics().items():
        names = ", ".join(f"[{each.name}](#{each.name.lower()})" for each in events)
        readers = sorted({reader for each in events for reader in each.readers})
        yield f"| `{topic.name}` | {names} | {_publisher(events[0])} | {', '.join(readers)} |"


def _section(event: EventType) -> str:
    name, example = next(iter(examples(event.name).items()))
    written = json.dumps(example, indent=2, ensure_ascii=False)
    return "\n\n".join(
        [
            f"## {event.name}",
            event.description,
            "\n".join(_facts(event)),
            _table(fields_of(event.schema)),
            f"<details><summary>Example: {name}</summary>\n\n```json\n{written}\n```\n\n</details>",
        ]
    )


def _facts(event: EventType) -> Iterator[str]:
    yield f"* **Published when**: {event.when}"
    yield f"* **Topic**: `{event.topic.name}`{_tombstones(event.topic)}"
    yield f"* **Key**: {event.key_title[0].lower()}{event.key_title[1:]}"
    yield f"* **Published by**: {_publisher(event)}"
    yield f"* **Read by**: {', '.join(event.readers) or 'nobody yet'}"


def _publisher(event: EventType) -> str:
    if event.owner in service_names():
        return event.owner
    return f"{event.owner}, which is no service of this platform yet"


def _tombstones(topic: Topic) -> str:
    return ", compacted: a record without a value erases the person" if topic.compacted else ""


def _parts() -> Iterator[str]:
    _, schema = models_json_schema([(each.data, "validation") for each in event_types()])
    events = {each.name for each in event_types()}
    parts: Mapping[str, dict[str, Any]] = schema["$defs"]
    for name in sorted(parts.keys() - events):
        about = parts[name].get("description", "")
        yield f"### {name}\n\n{about}\n\n{_table(fields_of(parts[name]))}"


def _table(fields: Sequence[Field]) -> str:
    rows = [f"| `{each.name}` | {each.required} | {each.type} | {each.unit} |" for each in fields]
    return "\n".join(
        ["| field | must be there | type | unit |", "| --- | --- | --- | --- |", *rows]
    )
