"""The AsyncAPI document of all topics: AsyncAPI 3, with every schema inside it."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from pydantic.json_schema import JsonSchemaMode, models_json_schema

from cli.api_docs.catalogue import EventType, event_types, readers, topics
from cli.api_docs.examples import example_headers, examples
from cli.api_docs.headers import headers_schema
from shared import __version__
from shared.events.envelope import LARGEST_RECORD_BYTES, Topic
from shared.settings import KafkaSettings

_DESCRIPTION: Final = (
    "CloudEvents 1.0 in the binary content mode of the Kafka protocol binding: attributes in "
    "headers, the JSON data as the record's value. The key of a record is the application's id, so "
    "the events of one application are in order; a message about anything else names its own key. "
    "Topics are kept for ever: a new reader "
    "starts at the beginning. Readers ignore fields and types of event that they do not know. A "
    "text with `x-extensible-enum` may have values that are not listed: handle them as not stated. "
    "An event may be published again: drop repeats by `ce_id`."
)
_VALIDATION: Final[JsonSchemaMode] = "validation"


def asyncapi_document() -> dict[str, Any]:
    """Return the document, as plain JSON."""
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "cppp", "version": __version__, "description": _DESCRIPTION},
        "defaultContentType": "application/json",
        "servers": {"kafka": _server()},
        "channels": {topic.name: _channel(topic, events) for topic, events in topics().items()},
        "operations": {**dict(_sends()), **dict(_receives())},
        "components": {
            "messages": {each.name: _message(each) for each in event_types()},
            "schemas": _schemas(event_types()),
        },
    }


def _server() -> dict[str, Any]:
    return {
        "host": KafkaSettings.model_fields["bootstrap_servers"].default,
        "protocol": "kafka",
        "description": "KAFKA_BOOTSTRAP_SERVERS; this is its default.",
    }


def _channel(topic: Topic, events: Iterable[EventType]) -> dict[str, Any]:
    policy = ["compact"] if topic.compacted else ["delete"]
    return {
        "address": topic.name,
        "description": _kept(topic),
        "servers": [{"$ref": "#/servers/kafka"}],
        "messages": {e.name: {"$ref": f"#/components/messages/{e.name}"} for e in events},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "topicConfiguration": {
                    "cleanup.policy": policy,
                    "retention.ms": -1,
                    "max.message.bytes": topic.largest_record_bytes,
                },
                "bindingVersion": "0.5.0",
            }
        },
    }


def _kept(topic: Topic) -> str:
    if topic.compacted:
        return "The last event of each application; a tombstone erases it. Has personal data."
    return f"Every event for ever, at most {LARGEST_RECORD_BYTES:,} bytes each. No personal data."


def _message(event: EventType) -> dict[str, Any]:
    return {
        "name": event.name,
        "title": event.happened,
        "summary": event.when,
        "description": event.description,
        "contentType": "application/json",
        "headers": headers_schema(event),
        "payload": {"$ref": f"#/components/schemas/{event.name}"},
        "bindings": {
            "kafka": {
                "key": event.key,
                "bindingVersion": "0.5.0",
            }
        },
        "examples": [
            {"name": name, "headers": example_headers(event, data), "payload": data}
            for name, data in examples(event.name).items()
        ],
    }


def _schemas(events: Iterable[EventType]) -> dict[str, Any]:
    models = [(each.data, _VALIDATION) for each in events]
    _, schema = models_json_schema(models, ref_template="#/components/schemas/{model}")
    schemas: dict[str, Any] = _without_mappings(schema["$defs"])
    return schemas


def _without_mappings(schema: Any) -> Any:
    """Name discriminators as AsyncAPI does, by the property alone."""
    if isinstance(schema, dict):
        return {
            name: part["propertyName"]
            if name == "discriminator" and isinstance(part, dict) and "propertyName" in part
            else _without_mappings(part)
            for name, part in schema.items()
        }
    return [_without_mappings(part) for part in schema] if isinstance(schema, list) else schema


def _sends() -> Iterator[tuple[str, dict[str, Any]]]:
    for topic, events in topics().items():
        owner = events[0].owner
        yield f"{owner}.sends.{topic.name}", _operation("send", owner, topic, events)


def _receives() -> Iterator[tuple[str, dict[str, Any]]]:
    for name in readers():
        for topic, events in topics().items():
            if read := [each for each in events if name in each.readers]:
                yield f"{name}.receives.{topic.name}", _operation("receive", name, topic, read)


def _operation(
    action: str, service: str, topic: Topic, events: Iterable[EventType]
) -> dict[str, Any]:
    channel = f"#/channels/{topic.name}"
    operation: dict[str, Any] = {
        "action": action,
        "title": f"{service} {action}s {topic.name}",
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{each.name}"} for each in events],
        "tags": [{"name": service}],
    }
    if action == "receive":
        group = {"type": "string", "const": service}
        operation["bindings"] = {"kafka": {"groupId": group, "bindingVersion": "0.5.0"}}
    return operation
