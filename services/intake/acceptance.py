"""Turns a submission into what is kept: the application and its events, as ready bytes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import TypeAdapter

from services.intake.store import VERSION, Acceptance
from services.intake.submission import Submission
from shared.clock import whole_milliseconds
from shared.events.envelope import Attributes, EventData, Outgoing, Topic, derived_id
from shared.events.intake import (
    APPLICATIONS,
    CONTACTS,
    Application,
    ApplicationSubmitted,
    ContactRegistered,
)

SERVICE: Final = "intake"
_APPLICATION: Final[TypeAdapter[Application]] = TypeAdapter(Application)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Under which a submission is accepted: by whom, when, and as which application."""

    application_id: str
    client_id: str
    fingerprint: bytes
    accepted_at: datetime
    traceparent: str


def accept(submission: Submission, under: Circumstances) -> Acceptance:
    """Build what is kept. The contact comes first, as whoever writes to it waits for it."""
    received_at = whole_milliseconds(submission.received_at or under.accepted_at)
    return Acceptance(
        application_id=under.application_id,
        client_id=under.client_id,
        fingerprint=under.fingerprint,
        stream=submission.application.stream,
        received_at=received_at,
        accepted_at=under.accepted_at,
        application=_APPLICATION.dump_python(submission.application, mode="json"),
        events=[
            _registered(submission, under),
            _submitted(submission, under, received_at),
        ],
    )


def _registered(submission: Submission, under: Circumstances) -> Outgoing:
    data = ContactRegistered.model_construct(
        application_id=under.application_id, version=VERSION, contact=submission.contact
    )
    return _event(CONTACTS, data, under)


def _submitted(submission: Submission, under: Circumstances, received_at: datetime) -> Outgoing:
    data = ApplicationSubmitted.model_construct(
        application_id=under.application_id,
        version=VERSION,
        received_at=received_at,
        application=submission.application,
    )
    return _event(APPLICATIONS, data, under)


def _event(topic: Topic, data: EventData, under: Circumstances) -> Outgoing:
    event_type = type(data).__name__
    attributes = Attributes(
        type=event_type,
        id=derived_id(event_type, f"{under.application_id}:{VERSION}"),
        source=SERVICE,
        subject=under.application_id,
        time=under.accepted_at,
        traceparent=under.traceparent,
    )
    return Outgoing(
        topic=topic.name,
        key=under.application_id.encode(),
        value=data.model_dump_json().encode(),
        headers=attributes.headers(),
        time=under.accepted_at,
    )
