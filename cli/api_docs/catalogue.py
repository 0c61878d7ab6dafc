"""Which events there are, who publishes and who reads them: discovered in the code.

A module in `shared/events/` lists its owner's events in `PUBLICATIONS`. A service reads the topics
in `READS` of its `app`, and of their events those that `PARSERS` of its `handlers` names.
"""

import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from inspect import getdoc
from types import ModuleType
from typing import Any

import shared.events
from devstack.servers.service import service_names
from shared.events.envelope import APPLICATION_ID, EventData, Publication, Topic


@dataclass(frozen=True)
class EventType:
    """A type of event: its data, its topic, and the services that read it.

    `key_field` is the field of its data that is the key of its records.
    """

    data: type[EventData]
    topic: Topic
    when: str
    readers: Sequence[str]
    key_field: str

    @property
    def name(self) -> str:
        """The attribute `type` of its events."""
        return self.data.__name__

    @property
    def owner(self) -> str:
        """Who alone publishes on its topic."""
        return self.topic.name.partition(".")[0]

    @property
    def key(self) -> dict[str, Any]:
        """The JSON Schema of the key of its records, as text."""
        key: dict[str, Any] = self.schema["properties"][self.key_field]
        return {**key, "title": self.key_title}

    @property
    def key_title(self) -> str:
        """What the key of its records is, in words."""
        if self.is_about_application:
            return "The application's id"
        return f"The {self.key_field.replace('_', ' ')}"

    @property
    def is_about_application(self) -> bool:
        """Whether it is about an application, which has a reference beside its id."""
        return self.key_field == APPLICATION_ID

    @property
    def description(self) -> str:
        """What it says, and what its fields mean."""
        return getdoc(self.data) or ""

    @property
    def happened(self) -> str:
        """What has happened, in one sentence."""
        return self.description.partition("\n")[0]

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of its data."""
        return self.data.model_json_schema()


@dataclass(frozen=True)
class Reader:
    """What a service reads."""

    topics: Sequence[Topic]
    event_types: frozenset[str]


def event_types() -> list[EventType]:
    """Return every type of event, by owner and in the order in which its module lists them."""
    return [
        EventType(each.event, each.topic, each.when, _readers_of(each), each.key)
        for module in event_modules()
        for each in publications(module)
    ]


def event_modules() -> Iterator[ModuleType]:
    """Yield the modules of `shared/events/`, of owners and others."""
    for module in pkgutil.iter_modules(shared.events.__path__):
        yield import_module(f"shared.events.{module.name}")


def publications(module: ModuleType) -> Sequence[Publication]:
    """Return what a module of an owner lists."""
    return getattr(module, "PUBLICATIONS", ())


def topics() -> Mapping[Topic, list[EventType]]:
    """Return the types of event on each topic."""
    found: dict[Topic, list[EventType]] = {}
    for each in event_types():
        found.setdefault(each.topic, []).append(each)
    return found


@cache
def readers() -> Mapping[str, Reader]:
    """Return the services that read events, by their names."""
    return {name: reader for name in service_names() if (reader := _reader(name))}


def _reader(service: str) -> Reader | None:
    if not find_spec(f"services.{service}.handlers"):
        return None
    parsers = import_module(f"services.{service}.handlers").PARSERS
    return Reader(import_module(f"services.{service}.app").READS, frozenset(parsers))


def _readers_of(published: Publication) -> list[str]:
    return [
        name
        for name, reader in readers().items()
        if published.topic in reader.topics and published.event.__name__ in reader.event_types
    ]
