"""The envelope of every event: CloudEvents 1.0 attributes in Kafka headers, the data as value.

Binary content mode of the CloudEvents Kafka protocol binding: the value is the JSON data, every
attribute is a header `ce_<name>`; `ce_reference` is an extension of our own. An event's time is its
attribute `time`, the header `ce_time`. We also write it as the record's timestamp, but read that
only where there is no attribute: whoever copies a topic, or lets the broker stamp its records,
changes timestamps. When a record was written to its topic is `ce_recordedtime`, an extension of
CloudEvents that the publisher adds.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha1
from typing import Annotated, Final, Generic, Literal, NamedTuple, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StringConstraints

from shared.clock import milliseconds
from shared.errors import MalformedRecordError
from shared.references import reference_of
from shared.tracing.context import sent

Headers = Sequence[tuple[str, bytes]]
DataT = TypeVar("DataT")

CE_TYPE: Final = "ce_type"
CE_REFERENCE: Final = "ce_reference"  # an extension attribute: what people call the application
CE_TIME: Final = "ce_time"
CE_RECORDEDTIME: Final = "ce_recordedtime"  # an extension attribute; written by the publisher
TRACEPARENT: Final = "traceparent"
_VARIANTS: Final = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}
_EVENT_IDS: Final = UUID("0a6a1d5e-94f4-5b0f-8f0e-9c6f4c1d7b52").bytes


LARGEST_RECORD_BYTES: Final = 1_000_000
LARGEST_DEAD_LETTER_BYTES: Final = 2 * LARGEST_RECORD_BYTES  # the largest record, and our headers


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as its owner defines it. A compacted topic keeps the last record of each key."""

    name: str
    compacted: bool = False
    largest_record_bytes: int = LARGEST_RECORD_BYTES


def dead_letter_topic(group: str) -> Topic:
    """Return the topic for records that a consumer group could not handle."""
    return Topic(f"{group}.dead-letters.v1", largest_record_bytes=LARGEST_DEAD_LETTER_BYTES)


def redrive_topic(group: str) -> Topic:
    """Return the topic on which dead letters are redriven to one consumer group alone."""
    return Topic(f"{group}.redrives.v1", largest_record_bytes=LARGEST_DEAD_LETTER_BYTES)


class EventData(BaseModel):
    """Base of all event data: frozen and strictly typed; readers ignore unknown fields."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


APPLICATION_ID: Final = "application_id"
"""The field whose value is the key of every event about an application."""


class Publication(NamedTuple):
    """A type of event on the topic of its owner, and when the owner publishes one.

    `key` is the field of its data that is the key of its records. Every owner's module lists its
    own in `PUBLICATIONS`; the generated contracts are made from it.
    """

    event: type[EventData]
    topic: Topic
    when: str
    key: str = APPLICATION_ID


ApplicationId = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"),
]
"""A UUID in canonical lower-case form, as text."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason of a decision: a code for programs, its source, a sentence in each language."""

    code: str
    source: str
    en: str
    zh_hant: str
    zh_hans: str


Language = Literal["en", "zh-Hant", "zh-Hans"]


class Event(NamedTuple, Generic[DataT]):
    """An event as a handler receives it: validated data and the attributes that handlers use.

    `time_ms` is the event's time (`ce_time`) in milliseconds since 1970 (UTC); `value` the bytes of
    the data.
    """

    type: str
    data: DataT
    time_ms: int
    value: bytes = b""
    traceparent: str = ""

    @property
    def fingerprint(self) -> str:
        """An id derived from what the event says: the same for every delivery of it."""
        said = sha1(self.value, usedforsecurity=False).hexdigest()
        return derived_id(self.type, f"{self.time_ms}/{said}")


class Outgoing(NamedTuple):
    """A record to publish; without a value it is a tombstone.

    `time` is in whole milliseconds and becomes the record's timestamp.
    """

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers
    time: datetime


def derived_id(event_type: str, idempotency_key: str) -> str:
    """Derive an event id; the same key always gives the same id, so readers recognise repeats."""
    # The result of `uuid.uuid5`, at a third of its cost: every event needs an id.
    hashed = sha1(_EVENT_IDS + f"{event_type}/{idempotency_key}".encode(), usedforsecurity=False)
    digits = hashed.hexdigest()
    variant = _VARIANTS[digits[16]]
    return f"{digits[:8]}-{digits[8:12]}-5{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"


class Attributes(NamedTuple):
    """The CloudEvents attributes of one event; `subject` is the record's key.

    It is the application's id, unless the event is not `about_application`: only an application has
    a reference. `traceparent` is the context of the span that the event follows from.
    """

    type: str
    id: str
    source: str
    subject: str
    time: datetime
    traceparent: str = ""
    about_application: bool = True

    def headers(self) -> Headers:
        """Build the record's headers; the same attributes always give the same bytes."""
        headers = [
            _SPECVERSION,
            ("ce_id", self.id.encode()),
            _shared_header(CE_TYPE, self.type),
            _shared_header("ce_source", self.source),
            ("ce_subject", self.subject.encode()),
            *self._reference(),
            _time(self.time),
            _CONTENT_TYPE,
        ]
        if self.traceparent:
            headers.append((TRACEPARENT, sent(self.traceparent, self.id).encode()))
        return headers

    def _reference(self) -> Headers:
        if not self.about_application:
            return ()
        return ((CE_REFERENCE, reference_of(self.subject).encode()),)


class EventIdentity(NamedTuple):
    """What identifies an event about an application; the event's id is derived from it.

    `idempotency_key` differs for each event of one type. `time` is in whole milliseconds.
    """

    type: str
    application_id: str
    idempotency_key: str
    time: datetime
    traceparent: str = ""

    @property
    def id(self) -> str:
        """The event's id; see `derived_id`."""
        return derived_id(self.type, self.idempotency_key)

    def record(self, topic: Topic, value: bytes) -> Outgoing:
        """Build the record on its owner's topic; the same value always gives the same bytes."""
        kind, _, _, at, traceparent = self
        source = topic.name.partition(".")[0]
        attributes = Attributes(kind, self.id, source, self.application_id, at, traceparent)
        key = self.application_id.encode()
        return Outgoing(topic.name, key, value, attributes.headers(), at)


class SubjectIdentity(NamedTuple):
    """What identifies an event that is not about an application; see `EventIdentity`.

    `subject` is what the event is about, and the key of its record.
    """

    type: str
    subject: str
    idempotency_key: str
    time: datetime

    @property
    def id(self) -> str:
        """The event's id; see `derived_id`."""
        return derived_id(self.type, self.idempotency_key)

    def record(self, topic: Topic, value: bytes) -> Outgoing:
        """Build the record on its owner's topic; the same value always gives the same bytes."""
        kind, subject, _, at = self
        source = topic.name.partition(".")[0]
        attributes = Attributes(kind, self.id, source, subject, at, about_application=False)
        return Outgoing(topic.name, subject.encode(), value, attributes.headers(), at)


_SPECVERSION: Final = ("ce_specversion", b"1.0")
_CONTENT_TYPE: Final = ("content-type", b"application/json")


@lru_cache(maxsize=256)
def _shared_header(name: str, value: str) -> tuple[str, bytes]:
    return name, value.encode()


@lru_cache(maxsize=256)  # events of one batch share their time
def _time(moment: datetime) -> tuple[str, bytes]:
    return CE_TIME, _rfc_3339(moment)


def recorded(moment: datetime) -> tuple[str, bytes]:
    """Return the header that says when a record was written to its topic.

    The only header in which a repeat of an event differs.
    """
    return CE_RECORDEDTIME, _rfc_3339(moment)


def _rfc_3339(moment: datetime) -> bytes:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z").encode()


_RFC_3339: Final = re.compile(
    rb"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII
)


@lru_cache(maxsize=1024)  # events of one batch share their time
def time_ms(ce_time: bytes) -> int:
    """Return the time of the header `ce_time` in milliseconds since 1970 (UTC).

    Raises `MalformedRecordError` unless it is a time as in RFC 3339, which CloudEvents requires.
    """
    if _RFC_3339.fullmatch(ce_time):
        with suppress(ValueError):  # such as the 30th of February
            return milliseconds(datetime.fromisoformat(ce_time.decode().upper()))
    msg = f"header {CE_TIME} is not a time as in RFC 3339"
    raise MalformedRecordError(msg)
