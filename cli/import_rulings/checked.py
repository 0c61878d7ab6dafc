"""A valid line of a file of rulings, with its event ready to publish."""

from dataclasses import dataclass
from datetime import UTC, datetime, time
from hashlib import sha256
from typing import TypeAlias

from cli.import_rulings.case_numbers import id_as_typed
from shared.clock import HONG_KONG, whole_milliseconds
from shared.events.casework import RULINGS, CaseRuled, ObjectionReceived, ProjectCompleted
from shared.events.envelope import EventIdentity, Outgoing
from shared.identifiers import factory_key

Fact: TypeAlias = CaseRuled | ObjectionReceived | ProjectCompleted


@dataclass(frozen=True, slots=True)
class Published:
    """What a receipt says about an event: its id, and a hash of its data."""

    event_id: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Checked:
    """A valid line, with its event ready to publish.

    `content` is a hash of what the line says, however its numbers are typed. `in_0_1_0` is the
    event that release 0.1.0 published for the line.
    """

    line: int
    type: str
    event_id: str
    event: Outgoing
    content: bytes
    in_0_1_0: Published

    @property
    def published(self) -> Published:
        """What the receipt of the event says."""
        return Published(self.event_id, _digest(self.event.value or b""))


def checked(line: int, data: Fact) -> Checked:
    """Build the event of a valid line; the same line always gives the same bytes."""
    identity = _identity(data)
    event = identity.record(RULINGS, _value(data))
    content = _digest(_value(_canonical(data)))
    return Checked(line, identity.type, identity.id, event, content, _in_0_1_0(data))


def _identity(data: Fact) -> EventIdentity:
    kind, key = type(data).__name__, f"{data.application_id}:{_own_id(data)}"
    return EventIdentity(kind, data.application_id, key, _moment(data))


def _value(data: Fact) -> bytes:
    # Without a case number the bytes are those of releases that did not know the field.
    unset = {"case_number"} if data.case_number is None else None
    return data.model_dump_json(exclude=unset).encode()


def _canonical(data: Fact) -> Fact:
    changes: dict[str, str | None] = {"case_number": None}
    if isinstance(data, ProjectCompleted):
        number = factory_key(data.factory_registration_number)
        changes["factory_registration_number"] = number
    return data.model_copy(update=changes)


def _in_0_1_0(data: Fact) -> Published:
    id_ = id_as_typed(data.case_number) if data.case_number else data.application_id
    data = data.model_copy(update={"application_id": id_, "case_number": None})
    return Published(_identity(data).id, _digest(_value(data)))


def _digest(value: bytes) -> bytes:
    return sha256(value).digest()[:16]


def _own_id(data: Fact) -> str:
    if isinstance(data, CaseRuled):
        return data.ruling_id
    return data.objection_id if isinstance(data, ObjectionReceived) else "completed"


def _moment(data: Fact) -> datetime:
    if isinstance(data, CaseRuled):
        return whole_milliseconds(data.ruled_at)
    if isinstance(data, ObjectionReceived):
        return whole_milliseconds(data.received_at)
    return datetime.combine(data.completed_on, time(), HONG_KONG).astimezone(UTC)
