"""Turns a submission into what is kept: the application and its events, as ready bytes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

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
    """Under which something is accepted: by whom, when, and as which version of what."""

    application_id: str
    client_id: str
    fingerprint: bytes
    accepted_at: datetime
    traceparent: str
    version: int = VERSION


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
        application=as_kept(submission.application),
        events=[
            registered(submission, under),
            told(ApplicationSubmitted, submission, under, received_at),
        ],
    )


def registered(submission: Submission, under: Circumstances) -> Outgoing:
    """Build the event that names the person to write to."""
    data = ContactRegistered.model_construct(
        application_id=under.application_id, version=under.version, contact=submission.contact
    )
    return event(CONTACTS, data, under)


def told(
    kind: type[ApplicationSubmitted],
    submission: Submission,
    under: Circumstances,
    received_at: datetime,
) -> Outgoing:
    """Build the event that has the application: a new one, or one that replaces an earlier."""
    data = kind.model_construct(
        application_id=under.application_id,
        version=under.version,
        received_at=received_at,
        application=submission.application,
    )
    return event(APPLICATIONS, data, under)


def as_kept(application: Application) -> dict[str, Any]:
    """Lay out an application as it is kept."""
    laid_out: dict[str, Any] = _APPLICATION.dump_python(application, mode="json")
    return laid_out


def event(topic: Topic, data: EventData, under: Circumstances) -> Outgoing:
    """Build an event about an application; the same data always gives the same bytes."""
    event_type = type(data).__name__
    attributes = Attributes(
        type=event_type,
        id=derived_id(event_type, f"{under.application_id}:{under.version}"),
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
