"""Data for tests: complete by default, changed where it matters.

Changes are merged into nested parts: `an_application(project={"cost_cents": 1})`.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from aiokafka.structs import ConsumerRecord
from pydantic import TypeAdapter

from devstack.testing.otlp import Span
from samples.credit_codes import credit_code
from services.notify.mails.samples import sample_notification
from services.notify.model import Erasure, Notification, Recipient, Registration
from shared.clock import milliseconds
from shared.events.casework import ProjectCompleted
from shared.events.eligibility import EligibilityDecided
from shared.events.envelope import Attributes, Event, Reason
from shared.events.intake import (
    Application,
    ApplicationAmended,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    Contact,
    ContactRegistered,
)
from shared.events.recognition import LabelAwarded, LabelExpired, RecognitionDecided

_APPLICATION: TypeAdapter[Any] = TypeAdapter(Application)
NOW = datetime(2026, 11, 2, 1, 30, tzinfo=UTC)
REASON = Reason(
    code="no-open-phase",
    source="S1",
    en="No phase was open <on that day> & none is now.",
    zh_hant="當日並無任何一期接受申請。",
    zh_hans="当日并无任何一期接受申请。",
)
A_MINUTE = timedelta(minutes=1)
PROJECT = {
    "title": "Heat recovery from dyeing effluent",
    "cost_cents": 100_000_00,
    "starts_on": "2026-12-01",
    "ends_on": "2027-02-01",
}
ENTERPRISE = {"name": "Bright Textiles Limited", "business_registration_number": "12345678"}
FACTORY = {
    "registration_number": "91441900PDY00001XE",
    "name": "Bright Textiles (Dongguan) Limited",
    "place": "guangdong",
    "city": "Dongguan",
    "industry": "textiles",
}
_PARTS: dict[str, dict[str, Any]] = {
    "new-technology": {
        "technology": {
            "name": "Low-liquor dyeing",
            "on_technology_list": True,
            "developed_by": "others",
        },
    },
    "organisation-support": {
        "organisation": {
            "name": "Dyers' Association",
            "kind": "trade-association",
            "based_in_hong_kong": True,
        },
        "project": PROJECT,
    },
    "recognition": {
        "enterprise": ENTERPRISE,
        "candidacy": {
            "category": "partner-manufacturing",
            "hong_kong_owned": True,
            "factory": FACTORY,
            "measures_implemented": 3,
        },
    },
}


def a_registration_number() -> str:
    """Invent the number of a factory that no other test knows."""
    return credit_code(1 + uuid4().int % 10**10)


def a_business_number() -> str:
    """Invent the number of an enterprise that no other test knows."""
    return f"{uuid4().int % 10**8:08}"


def application_body(stream: str = "assessment", **changes: Any) -> dict[str, Any]:
    """Build the JSON body of a complete application.

    The factory is its own, or the enterprise that applies for a label.
    """
    of_a_factory = {
        "enterprise": ENTERPRISE,
        "connection": {"ground": "1b"},
        "factory": {**FACTORY, "registration_number": a_registration_number()},
        "project": PROJECT,
    }
    body = {"stream": stream, **_PARTS.get(stream, {})}
    if stream == "recognition":
        body["enterprise"] = {**ENTERPRISE, "business_registration_number": a_business_number()}
    elif stream != "organisation-support":
        body = {**of_a_factory, **body}
    return merged(body, changes)


def merged(whole: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Merge nested changes into a whole, leaving both as they are."""
    return {
        **whole,
        **{
            name: merged(whole[name], value)
            if isinstance(value, Mapping) and isinstance(whole.get(name), Mapping)
            else value
            for name, value in changes.items()
        },
    }


def an_application(stream: str = "assessment", **changes: Any) -> Any:
    """Build a validated application of a stream."""
    return _APPLICATION.validate_python(application_body(stream, **changes), strict=False)


def a_submission(
    stream: str = "assessment",
    *,
    received_at: datetime = NOW,
    application_id: str = "",
    **changes: Any,
) -> ApplicationSubmitted:
    """Build the data of an `ApplicationSubmitted` event."""
    return ApplicationSubmitted(
        application_id=application_id or str(uuid4()),
        version=1,
        received_at=received_at,
        application=an_application(stream, **changes),
    )


def an_event(data: Any, *, time: datetime = NOW, traceparent: str = "") -> Event[Any]:
    """Wrap event data as a handler receives it."""
    value = data.model_dump_json().encode()
    return Event(type(data).__name__, data, milliseconds(time), value, traceparent)


def a_record(
    data: Any, *, topic: str = "intake.applications.v1", offset: int = 0, time: datetime = NOW
) -> ConsumerRecord[bytes, bytes]:
    """Build the record that carries event data."""
    attributes = Attributes(type(data).__name__, str(uuid4()), "intake", data.application_id, time)
    return raw_record(
        data.model_dump_json().encode(),
        attributes.headers(),
        topic=topic,
        offset=offset,
        key=data.application_id.encode(),
    )


def raw_record(
    value: bytes | None,
    headers: Any = (),
    *,
    topic: str = "intake.applications.v1",
    offset: int = 0,
    key: bytes | None = b"key",
) -> ConsumerRecord[bytes, bytes]:
    """Build any record, however malformed."""
    return ConsumerRecord(
        topic=topic,
        partition=0,
        offset=offset,
        timestamp=milliseconds(NOW),
        timestamp_type=0,
        key=key,
        value=value,
        checksum=None,
        serialized_key_size=len(key or b""),
        serialized_value_size=len(value or b""),
        headers=tuple(headers),
    )


def a_notification(template: Any = "eligible", **changes: Any) -> Notification:
    """Build a notification of its own application."""
    notification = replace(
        sample_notification(template), application_id=str(uuid4()), occurred_at=NOW
    )
    details = changes.pop("details", {})
    return replace(notification, details=replace(notification.details, **details), **changes)


def a_recipient(**changes: Any) -> Recipient:
    """Build a contact person."""
    return replace(Recipient("Chan Tai Man", "chan@example.com", "en"), **changes)


def a_registration(notification: Notification, version: int = 1, **changes: Any) -> Registration:
    """Build the contact of a notification's application."""
    at = changes.pop("at", NOW)
    return Registration(notification.application_id, version, a_recipient(**changes), at)


def an_erasure(notification: Notification, at: datetime = NOW) -> Erasure:
    """Build the erasure of the contact of a notification's application."""
    return Erasure(notification.application_id, at)


def a_contact_event(application_id: str, version: int = 1, **changes: Any) -> ContactRegistered:
    """Build the data of a `ContactRegistered` event."""
    contact = {"name": "Chan Tai Man", "email": "chan@example.com", "language": "en"}
    return ContactRegistered(
        application_id=application_id, version=version, contact=Contact(**{**contact, **changes})
    )


def eligibility_decided(**changes: Any) -> EligibilityDecided:
    """Build the data of an `EligibilityDecided` event."""
    decided = {
        "application_id": "00000000-0000-0000-0000-000000000001",
        "version": 1,
        "stream": "new-technology",
        "outcome": "eligible",
        "grant_cents": 65_000_000,
        "indicative_grant_cents": None,
        "phase": "5",
        "reasons": (REASON,),
        "rule_version": "1",
        "received_at": NOW,
        "decided_at": NOW,
        "factory_registration_number": None,
        "eligible_cost_cents": 140_000_000,
        "share_percent": 50,
        "ceiling_cents": 65_000_000,
        "facts_hash": "0" * 64,
    }
    return EligibilityDecided(**{**decided, **changes})


def recognition_decided(outcome: str, **changes: Any) -> RecognitionDecided:
    """Build the data of a `RecognitionDecided` event."""
    decided = {
        "application_id": "00000000-0000-0000-0000-000000000001",
        "version": 1,
        "category": "partner-supply-chain",
        "outcome": outcome,
        "round_year": 2026,
        "reasons": (REASON,),
        "rule_version": "1",
        "received_at": NOW,
        "decided_at": NOW,
    }
    return RecognitionDecided(**{**decided, **changes})


def amended(application_id: str, version: int = 2) -> ApplicationAmended:
    """Build the data of an `ApplicationAmended` event."""
    submitted = a_submission(application_id=application_id)
    return ApplicationAmended(**{**dict(submitted), "version": version})


def withdrawn(application_id: str, version: int = 2) -> ApplicationWithdrawn:
    """Build the data of an `ApplicationWithdrawn` event."""
    return ApplicationWithdrawn(application_id=application_id, version=version, withdrawn_at=NOW)


def project_completed(application_id: str, **changes: Any) -> ProjectCompleted:
    """Build the data of a `ProjectCompleted` event."""
    completed = {
        "application_id": application_id,
        "stream": "new-technology",
        "factory_registration_number": "91441900PDY00001XE",
        "completed_on": date(2027, 9, 30),
        "report_approved": True,
    }
    return ProjectCompleted(**{**completed, **changes})


def label_awarded(application_id: str, **changes: Any) -> LabelAwarded:
    """Build the data of a `LabelAwarded` event."""
    label = {
        "application_id": application_id,
        "version": 1,
        "certificate_number": "GDHK-2026-000001-68",
        "category": "partner-supply-chain",
        "enterprise_name": "Bright Textiles Limited",
        "business_registration_number": "12345678",
        "round_year": 2026,
        "valid_from": date(2026, 12, 8),
        "valid_to": date(2028, 12, 7),
        "rule_version": "1",
        "awarded_at": NOW,
    }
    return LabelAwarded(**{**label, **changes})


def label_expired(application_id: str, **changes: Any) -> LabelExpired:
    """Build the data of a `LabelExpired` event."""
    label = {
        "application_id": application_id,
        "version": 1,
        "certificate_number": "GDHK-2026-000001-68",
        "category": "partner-supply-chain",
        "round_year": 2026,
        "valid_to": date(2028, 12, 7),
        "expired_at": NOW,
    }
    return LabelExpired(**{**label, **changes})


def a_span(name: str, parent: str = "", **changes: Any) -> Span:
    """Build a received span whose id is its name."""
    span: dict[str, Any] = {
        "trace_id": "0af7651916cd43dd8448eb211c80319c",
        "span_id": name,
        "parent_id": parent,
        "name": name,
        "kind": "internal",
        "service": "intake",
        "start_ns": 1,
        "end_ns": 2,
        "status": 0,
        "attributes": {},
        "links": (),
    }
    return Span(**{**span, **changes})


def wide(text: str) -> str:
    """Return a text of ASCII letters and digits as East Asian keyboards type it: full width."""
    return "".join(chr(ord(each) + 0xFEE0) for each in text)
