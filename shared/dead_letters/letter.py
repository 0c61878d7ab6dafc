"""A dead letter as an operator sees it: its origin, why it failed and how often."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import TypeAdapter, ValidationError
from typing_extensions import override

from shared.clock import from_milliseconds, whole_milliseconds
from shared.events.envelope import ApplicationId, Outgoing, redrive_topic
from shared.kafka.record import KafkaRecord

PREFIX: Final = "x-dead-letter-"
_APPLICATION_ID: Final = TypeAdapter(ApplicationId)
_FIRST: Final = f"{PREFIX}reason"
_NUMBER: Final = re.compile(r"[0-9]{1,18}")
_ID: Final = re.compile(r"([A-Za-z0-9._-]+)/([0-9]{1,9})/([0-9]{1,18})")
_FORMS: Final = {
    "reason": re.compile(r".+"),
    "topic": re.compile(r"[A-Za-z0-9._-]{1,249}"),  # as Kafka allows
    "partition": _NUMBER,
    "offset": _NUMBER,
    "attempts": _NUMBER,
}


@dataclass(frozen=True, slots=True, order=True)
class LetterId:
    """The id of a letter: `<consumer group>/<partition>/<offset>` on its dead-letter topic."""

    group: str
    partition: int
    offset: int

    @override
    def __str__(self) -> str:
        """Format the id as `parse` reads it."""
        return f"{self.group}/{self.partition}/{self.offset}"

    @classmethod
    def parse(cls, text: str) -> "LetterId":
        """Parse an id; raises `ValueError` with a message for the user."""
        if found := _ID.fullmatch(text):
            return cls(found[1], int(found[2]), int(found[3]))
        msg = f"Must be GROUP/PARTITION/OFFSET, such as eligibility/0/17, not {text!r}."
        raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class StoredDeadLetter:
    """One dead letter: its record, and the values of its `x-dead-letter-*` headers.

    `damage` says why it cannot be redriven, and is empty for most. Damaged headers show what can
    be read of them.
    """

    id: LetterId
    record: KafkaRecord
    size_bytes: int
    reason: str
    error: str
    topic: str
    time: datetime
    attempts: int | None
    damage: str

    @property
    def application_id(self) -> str:
        """The key if it is an application's id, else empty: other keys might hold personal data."""
        try:
            return _APPLICATION_ID.validate_python((self.record.key or b"").decode())
        except (UnicodeDecodeError, ValidationError):
            return ""

    def redriven(self) -> Outgoing:
        """Build the record for the redrive topic: key, value, headers and timestamp unchanged."""
        record = self.record
        topic = redrive_topic(self.id.group).name
        return Outgoing(topic, record.key, record.value, [*record.headers], _written_at(record))


def parse_letter(group: str, record: KafkaRecord) -> StoredDeadLetter:
    """Parse a record of the group's dead-letter topic; never raises, even if it is damaged."""
    ours = _our_headers(record)
    attempts = readable(ours.get("attempts"))
    return StoredDeadLetter(
        id=LetterId(group, record.partition, record.offset),
        record=record,
        size_bytes=len(record.value or b""),
        reason=readable(ours.get("reason")) or "unknown",
        error=readable(ours.get("error")),
        topic=readable(ours.get("topic")) or "unknown",
        time=_moment(ours.get("time")) or _written_at(record),
        attempts=int(attempts) if _NUMBER.fullmatch(attempts) else None,
        damage="; ".join(_damages(ours, record)),
    )


def readable(value: bytes | None) -> str:
    """Decode bytes for display, with invalid UTF-8 and control characters as escapes."""
    text = (value or b"").decode(errors="backslashreplace")
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in text
    )


def _our_headers(record: KafkaRecord) -> dict[str, bytes]:
    # Ours come last, from the reason on; the record itself may have had headers of these names.
    names = [name for name, _ in record.headers]
    first = len(names) - 1 - names[::-1].index(_FIRST) if _FIRST in names else 0
    return {
        name.removeprefix(PREFIX): value or b""
        for name, value in record.headers[first:]
        if name.startswith(PREFIX)
    }


def _damages(ours: dict[str, bytes], record: KafkaRecord) -> Iterator[str]:
    for name, form in _FORMS.items():
        if not form.fullmatch(readable(ours.get(name))):
            yield f"{PREFIX}{name} is {'unreadable' if name in ours else 'missing'}"
    if record.key is None and record.value is None:
        yield "it has neither key nor value"


def _moment(value: bytes | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat((value or b"").decode())
        return whole_milliseconds(moment) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _written_at(record: KafkaRecord) -> datetime:
    return from_milliseconds(record.timestamp)
