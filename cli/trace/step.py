"""One step of an application's path: a record that is about it, as far as it may be shown."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import orjson
from pydantic import ValidationError

from services.notify.handlers import PARSERS
from services.notify.rules import notification_about
from shared.clock import from_milliseconds
from shared.correlation import TRACEPARENT, correlation_id_of
from shared.dead_letters.letter import parse_letter, readable
from shared.errors import MalformedRecordError
from shared.events.envelope import CE_TIME, CE_TYPE, dead_letter_topic, redrive_topic, time_ms
from shared.events.intake import CONTACTS
from shared.kafka.record import KafkaRecord

# Fields that may be shown: codes, numbers and references of cases, never a person's data.
_SHOWN: Final = (
    "stream", "category", "step", "outcome", "ruling", "ruling_id", "objection_id",
    "grant_cents", "rule_version", "certificate_number", "template", "language", "reason",
)  # fmt: skip
_DEAD: Final = dead_letter_topic("").name
_REDRIVEN: Final = redrive_topic("").name


@dataclass(frozen=True, slots=True)
class Step:
    """A record about the application: when and what happened, and where it is.

    `at` is the event's own time. `answers` is one of the `subjects` of the step that this one
    follows from by itself, and empty for what people do. `mail` is the id of the notification that
    is to follow from this step. `correlation_id` is in all log lines about the record.
    """

    at: datetime
    what: str
    details: str
    topic: str
    partition: int
    offset: int
    id: str = ""
    subjects: frozenset[str] = frozenset()
    answers: str = ""
    mail: str = ""
    correlation_id: str = ""

    @property
    def where(self) -> str:
        """The place of the record: `topic/partition@offset`."""
        return f"{self.topic}/{self.partition}@{self.offset}"


def step_of(record: KafkaRecord) -> Step:
    """Describe a record on a topic of events, dead letters or redrives; never raises."""
    correlation_id = correlation_id_of(dict(record.headers).get(TRACEPARENT))
    return replace(_step_of(record), correlation_id=correlation_id)


def _step_of(record: KafkaRecord) -> Step:
    place = (record.topic, record.partition, record.offset)
    if record.topic.endswith(_DEAD):
        group = record.topic.removesuffix(_DEAD)
        letter = parse_letter(group, record)
        details = f"{letter.reason}; cppp dead-letters show {letter.id}"
        return Step(letter.time, f"dead letter of {group}", details, *place)
    headers = dict(record.headers)
    at = _time(headers, record)
    if record.topic.endswith(_REDRIVEN):
        group = record.topic.removesuffix(_REDRIVEN)
        return Step(at, f"redriven to {group}", "", *place)
    if record.value is None:
        what = "contact erased" if record.topic == CONTACTS.name else "tombstone"
        return Step(at, what, "", *place)
    kind = readable(headers.get(CE_TYPE)) or "no type"
    data = _data(record.value)
    mail = _following_mail(kind, record.value, at)
    return Step(
        at,
        kind,
        _details(data),
        *place,
        id=readable(headers.get("ce_id")),
        subjects=frozenset({*_subjects(kind, data), mail} - {""}),
        answers=_answers(kind, data),
        mail=mail,
    )


def _time(headers: Mapping[str, bytes | None], record: KafkaRecord) -> datetime:
    try:
        return from_milliseconds(time_ms(headers.get(CE_TIME) or b""))
    except MalformedRecordError:
        return from_milliseconds(record.timestamp)


def _data(value: bytes) -> Mapping[str, Any]:
    try:
        data = orjson.loads(value)
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _version(data: Mapping[str, Any]) -> int:
    version = data.get("version")
    return version if isinstance(version, int) else 0


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""


def _details(data: Mapping[str, Any]) -> str:
    version = _version(data)
    application = data.get("application")
    fields = {**(application if isinstance(application, dict) else {}), **data}
    shown = [f"{name} {fields[name]}" for name in _SHOWN if isinstance(fields.get(name), str | int)]
    return ", ".join([f"version {version}"] * bool(version) + shown)


def _subjects(kind: str, data: Mapping[str, Any]) -> set[str]:
    """Return what a decision on an event may name: a version, a step of it, a ruling."""
    if kind in {"ApplicationSubmitted", "ApplicationAmended"}:
        return {_of_version(data)}
    if kind in {"CaseRuled", "ObjectionReceived"}:
        return {_of_version(data), _text(data, "ruling_id"), _text(data, "objection_id")}
    return set()


def _answers(kind: str, data: Mapping[str, Any]) -> str:
    if kind in {"NotificationSent", "NotificationFailed"}:
        return _text(data, "notification_id")
    if kind in {"EligibilityDecided", "RecognitionDecided"}:
        return _text(data, "ruling_id") or _text(data, "objection_id") or _of_version(data)
    return ""


def _of_version(data: Mapping[str, Any]) -> str:
    return f"{_version(data)} {_text(data, 'step')}"


def _following_mail(kind: str, value: bytes, at: datetime) -> str:
    """Return the id of the notification that follows from an event, or nothing."""
    if kind not in PARSERS or kind == "ContactRegistered":
        return ""
    try:
        return notification_about(PARSERS[kind](value), at).fact_id
    except ValidationError:
        return ""
