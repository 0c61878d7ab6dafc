"""Events may gain optional fields; nothing else about them may change within a version."""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest

import shared.events
from devstack.servers.service import service_names
from shared.events.envelope import EventData, Topic
from tests.contracts.releases import RELEASES, schemas

OWNERS = ("casework", *service_names())  # rulings come from files until casework exists


def modules() -> Iterator[Any]:
    for module in pkgutil.iter_modules(shared.events.__path__):
        yield importlib.import_module(f"shared.events.{module.name}")


def events() -> dict[str, type[EventData]]:
    """Find every event: what is about one application, as its parts are not."""
    found = {
        name: value
        for module in modules()
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, EventData)
    }
    return {name: found[name] for name in found if "application_id" in found[name].model_fields}


@pytest.mark.parametrize(
    ("release", "name"), [(release, name) for release in RELEASES for name in schemas(release)]
)
def test_an_event_only_gains_optional_fields(release, name):
    assert name in events(), f"{name} is gone: its events are still on the topics"
    assert list(broken(schemas(release)[name], events()[name].model_json_schema())) == []


def broken(old: dict[str, Any], new: dict[str, Any], where: str = "") -> Iterator[str]:
    """Name every known part of a schema that has changed."""
    for name in ("properties", "$defs"):
        for part, known in old.get(name, {}).items():
            path = f"{where}/{name}/{part}"
            if part not in new.get(name, {}):
                yield f"{path} is gone"
            else:
                yield from broken(known, new[name][part], path)
    if old.get("required") != new.get("required"):
        yield f"{where}: other fields are required"
    plain = {key: value for key, value in old.items() if key not in WITH_PARTS}
    if plain != {key: value for key, value in new.items() if key not in WITH_PARTS}:
        yield f"{where}: changed"


WITH_PARTS = {"properties", "$defs", "required", "description", "title"}


def test_a_field_that_is_renamed_or_becomes_required_is_found():
    old = {"properties": {"a": {"type": "string"}}, "required": ["a"]}
    renamed = {"properties": {"b": {"type": "string"}}, "required": ["b"]}
    widened = {"properties": {**old["properties"], "c": {"type": "null"}}, "required": ["a"]}

    assert list(broken(old, renamed)) == ["/properties/a is gone", ": other fields are required"]
    assert list(broken(old, widened)) == []


def test_every_owner_has_at_most_one_module_and_topics_are_named_after_it():
    topics = [
        (module.__name__.rpartition(".")[2], value.name)
        for module in modules()
        for value in vars(module).values()
        if isinstance(value, Topic)
    ]

    assert {owner for owner, _ in topics} <= set(OWNERS)
    assert all(topic.split(".")[0] == owner for owner, topic in topics)
