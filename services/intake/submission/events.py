"""Builds the document and the events of a submission, as bytes."""

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
# Event data is concatenated from its parts, several times as fast as building the model first. A
# test compares the bytes with those of the model.
_APPLICATION_JSON: Final = _APPLICATION.serializer.to_json
_CONTACT_JSON: Final = TypeAdapter(Contact).serializer.to_json
_MOMENT_JSON: Final = TypeAdapter(AwareDatetime).serializer.to_json


@dataclass(frozen=True, slots=True)
class AcceptanceContext:
    """The circumstances of an acceptance: client, time, application and version."""

    application_id: str
    client_id: str
    fingerprint: bytes
    accepted_at: datetime
    traceparent: str
    version: int = VERSION


def accept(submission: Submission, context: AcceptanceContext) -> Acceptance:
    """Build the application to store. Its contact event comes first: `notify` waits for it."""
    received_at = whole_milliseconds(submission.received_at or context.accepted_at)
    return Acceptance(
        application_id=context.application_id,
        client_id=context.client_id,
        fingerprint=context.fingerprint,
        stream=submission.application.stream,
        received_at=received_at,
        accepted_at=context.accepted_at,
        application=application_document(submission.application),
        events=[
            contact_event(submission, context),
            application_event(ApplicationSubmitted, submission, context, received_at),
        ],
    )


def contact_event(submission: Submission, context: AcceptanceContext) -> Outgoing:
    """Build the event of the contact person."""
    about = _about(context)
    value = about + b',"contact":' + _CONTACT_JSON(submission.contact) + b"}"
    return event(CONTACTS, ContactRegistered, value, context)


def application_event(
    kind: type[ApplicationSubmitted],
    submission: Submission,
    context: AcceptanceContext,
    received_at: datetime,
) -> Outgoing:
    """Build the event of a new or an amended application."""
    application = _APPLICATION_JSON(submission.application)
    value = b'%b,"received_at":%b,"application":%b}' % (
        _about(context),
        _MOMENT_JSON(received_at),
        application,
    )
    return event(APPLICATIONS, kind, value, context)


def withdrawal_event(context: AcceptanceContext) -> Outgoing:
    """Build the event of a withdrawal, as of its acceptance."""
    value = b'%b,"withdrawn_at":%b}' % (_about(context), _MOMENT_JSON(context.accepted_at))
    return event(APPLICATIONS, ApplicationWithdrawn, value, context)


def _about(context: AcceptanceContext) -> bytes:
    return b'{"application_id":"%b","version":%d' % (
        context.application_id.encode(),
        context.version,
    )


def application_document(application: Application) -> dict[str, Any]:
    """Return an application as stored."""
    document: dict[str, Any] = _APPLICATION.dump_python(application, mode="json")
    return document


def event(
    topic: Topic, kind: type[EventData], value: bytes, context: AcceptanceContext
) -> Outgoing:
    """Build an event about an application; the same data always gives the same bytes."""
    identity = EventIdentity(
        type=kind.__name__,
        application_id=context.application_id,
        idempotency_key=f"{context.application_id}:{context.version}",
        time=context.accepted_at,
        traceparent=context.traceparent,
    )
    return identity.record(topic, value)
