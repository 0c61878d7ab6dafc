"""An example of every event that a service may read, for tests that know only its type."""

import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any
from uuid import uuid4

import shared.events
from shared.events.casework import CaseRuled, ObjectionReceived
from shared.events.envelope import EventData, Publication
from shared.events.notify import NotificationFailed, NotificationSent
from tests import factories
from tests.factories import NOW

SAMPLES = Path(__file__).parents[1] / "samples" / "events"
_NOTIFICATION: dict[str, Any] = {"notification_id": "n", "template": "eligible"}
_MADE: dict[str, Callable[[str], EventData]] = {
    "ApplicationSubmitted": lambda key: factories.a_submission(application_id=key),
    "ApplicationAmended": factories.amended,
    "ApplicationWithdrawn": factories.withdrawn,
    "ContactRegistered": factories.a_contact_event,
    "EligibilityDecided": lambda key: factories.eligibility_decided(application_id=key),
    "RecognitionDecided": lambda key: factories.recognition_decided(
        "qualified", application_id=key
    ),
    "LabelAwarded": factories.label_awarded,
    "LabelExpired": factories.label_expired,
    "ProjectCompleted": factories.project_completed,
    "ObjectionReceived": lambda key: ObjectionReceived(
        application_id=key, objection_id="O-1", received_at=NOW
    ),
    "CaseRuled": lambda key: CaseRuled(
        application_id=key,
        version=1,
        ruling_id="R-1",
        step="funding",
        ruling="approved",
        ruled_at=NOW,
    ),
    "NotificationSent": lambda key: NotificationSent(
        application_id=key,
        language="en",
        message_id="<m@example.org>",
        sent_at=NOW,
        **_NOTIFICATION,
    ),
    "NotificationFailed": lambda key: NotificationFailed(
        application_id=key, reason="gave-up", failed_at=NOW, **_NOTIFICATION
    ),
}


def example_of(event_type: str) -> Any:
    """Return an event about an application of its own; any other one is made from its sample."""
    application_id = str(uuid4())
    if event_type in _MADE:
        return _MADE[event_type](application_id)
    data = next(iter(json.loads((SAMPLES / f"{event_type}.json").read_text()).values()))
    event = publications()[event_type].event
    return event.model_validate_json(json.dumps(data | {"application_id": application_id}))


def topic_of(event_type: str) -> str:
    """Return the name of the topic of an event."""
    return publications()[event_type].topic.name


def publications() -> dict[str, Publication]:
    """Return every event that is published, by its type."""
    modules = [
        import_module(f"shared.events.{each.name}") for each in iter_modules(shared.events.__path__)
    ]
    listed = (each for module in modules for each in getattr(module, "PUBLICATIONS", ()))
    return {each.event.__name__: each for each in listed}
