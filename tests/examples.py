"""An example of every event that a service may read, for tests that know only its type."""

import json
from typing import Any
from uuid import uuid4

from cli.api_docs.catalogue import event_modules, publications
from cli.api_docs.examples import examples
from shared.events.envelope import Publication


def example_of(event_type: str) -> Any:
    """Return the first example of an event, about an application of its own."""
    data = {**next(iter(examples(event_type).values())), "application_id": str(uuid4())}
    return publication_of(event_type).event.model_validate_json(json.dumps(data))


def topic_of(event_type: str) -> str:
    """Return the name of the topic of an event."""
    return publication_of(event_type).topic.name


def publication_of(event_type: str) -> Publication:
    """Return what the owner of an event says about it."""
    listed = (each for module in event_modules() for each in publications(module))
    return next(each for each in listed if each.event.__name__ == event_type)


def event_examples(event_type: str) -> list[Any]:
    """Return all examples of an event."""
    event = publication_of(event_type).event
    return [event.model_validate_json(json.dumps(e)) for e in examples(event_type).values()]
