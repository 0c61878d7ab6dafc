"""Applications and records for tests: complete by default, changed where it matters.

Changes are merged into nested parts: `an_application(project={"cost_cents": 1})`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from aiokafka.structs import ConsumerRecord
from pydantic import TypeAdapter

from shared.clock import milliseconds
from shared.events.envelope import Attributes, Event
from shared.events.intake import Application, ApplicationSubmitted

_APPLICATION: TypeAdapter[Any] = TypeAdapter(Application)
NOW = datetime(2026, 11, 2, 1, 30, tzinfo=UTC)
PROJECT = {
    "title": "Heat recovery from dyeing effluent",
    "cost_cents": 100_000_00,
    "starts_on": "2026-12-01",
    "ends_on": "2027-02-01",
}
ENTERPRISE = {"name": "Bright Textiles Limited", "business_registration_number": "12345678"}
FACTORY = {
    "registration_number": "91441900MA4W8Q2K1X",
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
    return f"91{uuid4().hex[:16].upper()}"


def a_business_number() -> str:
    """Invent the number of an enterprise that no other test knows."""
    return f"{uuid4().int % 10**8:08}"


def application_body(stream: str = "assessment", **changes: Any) -> dict[str, Any]:
    """Lay out a complete application of a stream as JSON has it.

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
