"""Reads a run's history from MongoDB, Kafka and the mails that arrived."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

import orjson
from confluent_kafka import Message
from pymongo import MongoClient

from shared.events.envelope import CE_RECORDEDTIME
from tests.faults.observe.history import (
    APPLICATIONS,
    CONTACTS,
    DECISIONS,
    NOTIFICATIONS,
    DeadLetter,
    Event,
    Mail,
    Notification,
    Source,
    StoredDecision,
    Version,
)
from tests.kafka import KafkaClient

EVENT_TOPICS = (APPLICATIONS, CONTACTS, *DECISIONS.values(), NOTIFICATIONS)
_DEAD_LETTERS = ".dead-letters.v1"
_HEADER = {
    name: re.compile(rb"^" + name.encode() + rb":\s*(\S+)\s*$", re.MULTILINE | re.IGNORECASE)
    for name in ("X-Application-Id", "Message-ID")
}


def stored_decisions(mongo: MongoClient[dict[str, Any]]) -> Iterator[StoredDecision]:
    """Read the decisions in the services' databases."""
    fields = ("application_id", "version", "decided_at")
    for service in DECISIONS:
        for document in mongo[service].decisions.find({}, fields):
            version = Version(document["application_id"], document["version"])
            yield StoredDecision(service, version, _as_in_event(document["decided_at"]))


def _as_in_event(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds")[:23]


def stored_notifications(mongo: MongoClient[dict[str, Any]]) -> Iterator[Notification]:
    """Read the messages in the database of `notify`."""
    for document in mongo.notify.notifications.find({}, {"details": False, "outbox": False}):
        version = Version(document["application_id"], document["version"])
        yield Notification(
            version,
            document["about"],
            document["_id"],
            document["state"],
            document.get("message_id"),
        )


def published_events(
    kafka: KafkaClient, topics: Iterable[str], poison: frozenset[bytes | None]
) -> list[Event]:
    """Read event topics from the beginning, without the poison pills of the scenario."""
    return [
        _event(record)
        for topic in topics
        for record in kafka.read(topic)
        if record.value() not in poison
    ]


def _event(record: Message) -> Event:
    headers = tuple(each for each in record.headers() or () if each[0] != CE_RECORDEDTIME)
    data = orjson.loads(record.value() or b"{}")
    return Event(
        record.topic() or "",
        (dict(headers).get("ce_type") or b"").decode(),
        Version((record.key() or b"").decode(), data.get("version", 0)),
        record.value() or b"",
        headers,
        data.get("notification_id", ""),
    )


def dead_letters(kafka: KafkaClient, topics: Iterable[str]) -> Iterator[DeadLetter]:
    """Read dead letters, with where their records came from."""
    for topic in topics:
        for record in kafka.read(topic):
            headers = dict(record.headers() or ())
            origin = {
                name: (headers.get(f"x-dead-letter-{name}") or b"").decode()
                for name in ("topic", "partition", "offset")
            }
            source = Source(
                topic.removesuffix(_DEAD_LETTERS),
                origin["topic"],
                int(origin["partition"]),
                int(origin["offset"]),
            )
            yield DeadLetter(source, record.key(), record.value())


def dead_letter_topics(topics: Iterable[str]) -> list[str]:
    return [each for each in topics if each.endswith(_DEAD_LETTERS)]


def mails_in(maildir: Path) -> Iterator[Mail]:
    """Read the mails in a Maildir."""
    for path in (maildir / "new").iterdir():
        yield mail(path.read_bytes())


def mail(content: bytes) -> Mail:
    """Read one mail as it arrived."""
    head, _, body = content.replace(b"\r\n", b"\n").partition(b"\n\n")
    named = {name: pattern.search(head) for name, pattern in _HEADER.items()}
    application_id, message_id = (
        found[1].decode() if (found := named[name]) else "" for name in _HEADER
    )
    digest = blake2b(head + b"\n\n" + body, digest_size=16).digest()
    return Mail(application_id, message_id, digest)
