"""Turns a submission into what is kept: the application and its events, as ready bytes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import AwareDatetime, TypeAdapter

from services.intake.store.applications import VERSION, Acceptance
from services.intake.submission.body import Submission
from shared.clock import whole_milliseconds
from shared.events.envelope import EventData, EventIdentity, Outgoing, Topic
from shared.events.intake import (
    APPLICATIONS,
    CONTACTS,
    Application,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    Contact,
    ContactRegistered,
)

_APPLICATION: Final[TypeAdapter[Application]] = TypeAdapter(Application)
# The data of an event is put together from its parts, which is several times as fast as building
# its model first. A test compares the bytes with the model's own.
_APPLICATION_JSON: Final = _APPLICATION.serializer.to_json
_CONTACT_JSON: Final = TypeAdapter(Contact).serializer.to_json
_MOMENT_JSON: Final = TypeAdapter(AwareDatetime).serializer.to_json


@dataclass(frozen=True, slots=True)
class AcceptanceContext:
    """Under which something is accepted: by whom, when, and as which version of what."""

    application_id: str
    client_id: str
    fingerprint: bytes
    accepted_at: datetime
    traceparent: str
    version: int = VERSION


def accept(submission: Submission, under: AcceptanceContext) -> Acceptance:
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


def registered(submission: Submission, under: AcceptanceContext) -> Outgoing:
    """Build the event that names the person to write to."""
    about = _about(under)
    value = about + b',"contact":' + _CONTACT_JSON(submission.contact) + b"}"
    return event(CONTACTS, ContactRegistered, value, under)


def told(
    kind: type[ApplicationSubmitted],
    submission: Submission,
    under: AcceptanceContext,
    received_at: datetime,
) -> Outgoing:
    """Build the event that has the application: a new one, or one that replaces an earlier."""
    application = _APPLICATION_JSON(submission.application)
    value = b'%b,"received_at":%b,"application":%b}' % (
        _about(under),
        _MOMENT_JSON(received_at),
        application,
    )
    return event(APPLICATIONS, kind, value, under)


def withdrawn(under: AcceptanceContext) -> Outgoing:
    """Build the event that an application is withdrawn, at the moment of its acceptance."""
    value = b'%b,"withdrawn_at":%b}' % (_about(under), _MOMENT_JSON(under.accepted_at))
    return event(APPLICATIONS, ApplicationWithdrawn, value, under)


def _about(under: AcceptanceContext) -> bytes:
    return b'{"application_id":"%b","version":%d' % (under.application_id.encode(), under.version)


def as_kept(application: Application) -> dict[str, Any]:
    """Lay out an application as it is kept."""
    laid_out: dict[str, Any] = _APPLICATION.dump_python(application, mode="json")
    return laid_out


def event(topic: Topic, kind: type[EventData], value: bytes, under: AcceptanceContext) -> Outgoing:
    """Build an event about an application; the same data always gives the same bytes."""
    identity = EventIdentity(
        type=kind.__name__,
        application_id=under.application_id,
        idempotency_key=f"{under.application_id}:{under.version}",
        time=under.accepted_at,
        traceparent=under.traceparent,
    )
    return identity.record(topic, value)
