"""What readers do with values that a later release has added."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any
from uuid import uuid4

import orjson
import pytest

from cli.api_docs.catalogue import EventType, event_types, readers
from cli.api_docs.examples import examples
from services.notify.facts import message_about
from services.notify.handlers import PARSERS
from shared.consumer.parsing import parse_all
from shared.events.doors import at_doors
from shared.events.envelope import EventData, EventIdentity
from shared.events.recognition import RecognitionDecided
from shared.events.values import Extensible, known
from tests.contracts.releases import contracts
from tests.factories import NOW, raw_record
from tests.kafka import KafkaClient
from tests.waiting import eventually

LATER = "from-a-later-release"
EVENTS = {each.name: each for each in event_types()}


def open_places(schema: Any, root: Any, way: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Find the fields that are open lists, by the names on the way to them."""
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
    if "x-extensible-enum" in schema:
        yield way
    for each in schema.get("anyOf", []):
        yield from open_places(each, root, way)
    for name, each in schema.get("properties", {}).items():
        yield from open_places(each, root, (*way, name))


OPEN = [
    (each, place)
    for each in EVENTS.values()
    if each.readers
    for place in open_places(each.schema, each.schema)
]


def with_value(event: EventType, place: tuple[str, ...], value: str) -> dict[str, Any]:
    """Change one field of the first example that has it; its application is a new one."""
    found = examples(event.name).values()
    data = deepcopy(next(each for each in found if place[0] in each))
    part = data
    for name in place[:-1]:
        part = part[name]
    part[place[-1]] = value
    return {**data, "application_id": str(uuid4())}


def record(event: EventType, data: dict[str, Any]) -> Any:
    identity = EventIdentity(event.name, data["application_id"], str(uuid4()), NOW)
    return identity.record(event.topic, orjson.dumps(data))


def test_these_lists_are_open():
    assert {(event.name, ".".join(place)) for event, place in OPEN} >= {
        ("EligibilityDecided", "outlook.step"),
        ("EligibilityDecided", "outlook.calendar"),
        ("EligibilityDecided", "outlook.decided_by"),
        ("NotificationSent", "template"),
        ("NotificationSent", "language"),
        ("NotificationFailed", "template"),
        ("RecognitionDecided", "notice_calendar"),
        ("RecognitionDecided", "next_step_calendar"),
    }


@pytest.mark.parametrize(
    ("event", "place"), OPEN, ids=[f"{event.name}.{'.'.join(place)}" for event, place in OPEN]
)
def test_an_unknown_value_of_an_open_list_is_read_by_every_reader(event, place):
    data = json.dumps(with_value(event, place, LATER))
    kept = event.data.model_validate_json(data)
    for name in place:
        kept = getattr(kept, name)

    assert kept == LATER
    assert event.readers
    if event.name in PARSERS:
        assert LATER not in repr(message_about(PARSERS[event.name](data)).details.due_calendar)
        assert LATER not in repr(message_about(PARSERS[event.name](data)).details.notice_calendar)


def test_a_known_value_is_told_from_an_unknown_one():
    assert known("mainland", ("hong-kong", "mainland")) == "mainland"
    assert known(LATER, ("hong-kong", "mainland")) is None
    assert known(None, ("hong-kong", "mainland")) is None


def test_doors_take_known_values_alone():
    strict = at_doors(EVENTS["NotificationSent"].data)
    place = ("template",)

    strict.model_validate_json(
        json.dumps(with_value(EVENTS["NotificationSent"], place, "referred"))
    )
    with pytest.raises(ValueError, match="literal_error"):
        strict.model_validate_json(json.dumps(with_value(EVENTS["NotificationSent"], place, LATER)))


def test_values_that_doors_closes_are_those_of_the_schema():
    assert Extensible(EventData).closed is EventData


def test_a_value_that_a_service_does_not_know_stops_nothing_and_waits_for_its_upgrade(
    infra, service_process
):
    """A closed list: a dead letter; an open one: handled. Both beside what every release knows."""
    kafka = KafkaClient(infra.kafka_bootstrap_servers)
    decided, sent = EVENTS["RecognitionDecided"], EVENTS["NotificationSent"]
    closed = record(decided, with_value(decided, ("next_step",), LATER))
    opened = record(decided, with_value(decided, ("next_step_calendar",), LATER))
    mailed = record(sent, with_value(sent, ("template",), LATER))
    running = {name: service_process(name) for name in ("notify", "reconciliation")}

    for each in (closed, opened, mailed):
        kafka.write(each.topic, each.value, each.headers, each.key)
    for name in running:
        for topic in readers()[name].topics:
            eventually(lambda n=name, t=topic.name: kafka.committed(n, t) == kafka.end(t))

    keys = {each.key for each in (closed, opened, mailed)}
    for name in running:
        [letter] = [e for e in kafka.read(f"{name}.dead-letters.v1") if e.key() in keys]
        headers = dict(letter.headers())
        assert letter.key() == closed.key
        assert headers["x-dead-letter-reason"] == b"invalid"
        assert headers["x-dead-letter-error"] == b"next_step: literal_error"
        # What the next release reads is in the letter, byte for byte.
        assert letter.value() == closed.value
    assert running["notify"].pid


def test_a_dead_letter_is_read_once_its_value_is_known():
    decided = EVENTS["RecognitionDecided"]
    written = record(decided, with_value(decided, ("next_step",), LATER))
    letter = raw_record(written.value, written.headers, topic=written.topic, key=written.key)
    later = {"RecognitionDecided": lambda value: json.loads(value)["next_step"]}

    now = {"RecognitionDecided": RecognitionDecided.model_validate_json}
    assert [each.error for each in parse_all([letter], now).dead_letters] == [
        "next_step: literal_error"
    ]
    assert [each.data for each in parse_all([letter], later).events] == [LATER]


def test_the_first_release_has_no_open_lists():
    assert "x-extensible-enum" not in repr(contracts("0.1.0"))
