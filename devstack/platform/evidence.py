"""The outcomes of submitted applications, read from MongoDB, Kafka and the mails.

It uses none of the services' code, and reads Kafka with another client than theirs.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition
from pymongo import MongoClient

from devstack.errors import StackError
from devstack.servers.addresses import Addresses

DECIDING_SERVICES = ("eligibility", "recognition")
_DEAD_LETTERS = ".dead-letters.v1"
_TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True)
class Decision:
    """A decision as stored in MongoDB; `reasons` are codes in order."""

    application_id: str
    service: str
    outcome: str
    grant_cents: int | None
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Event:
    """An event as stored in Kafka; `id` is empty for a record without CloudEvents headers."""

    topic: str
    type: str
    id: str
    application_id: str


@dataclass(frozen=True)
class Mail:
    """A mail as it arrived."""

    application_id: str
    message_id: str


@dataclass(frozen=True)
class Notification:
    """A notification as stored in MongoDB."""

    application_id: str
    state: str


@dataclass(frozen=True)
class Evidence:
    """Everything that was found."""

    decisions: tuple[Decision, ...]
    notifications: tuple[Notification, ...]
    mails: tuple[Mail, ...]
    events: tuple[Event, ...]

    @property
    def dead_letters(self) -> int:
        """How many records ended on a dead-letter topic."""
        return sum(each.topic.endswith(_DEAD_LETTERS) for each in self.events)


def evidence(addresses: Addresses) -> Evidence:
    """Read everything from MongoDB, Kafka and the Maildir."""
    with MongoClient[dict[str, Any]](addresses.mongodb_url) as client:
        decisions = tuple(_decisions(client))
        notifications = tuple(_notifications(client))
    return Evidence(
        decisions,
        notifications,
        tuple(_mails(addresses.maildir)),
        tuple(_events(addresses.kafka_bootstrap_servers)),
    )


def accepted_ids(receipts: Path) -> dict[int, str]:
    """Return the application id of each accepted line of a file."""
    lines = map(json.loads, receipts.read_text().splitlines())
    return {each["line"]: each["application_id"] for each in lines if "application_id" in each}


def _decisions(client: MongoClient[dict[str, Any]]) -> Iterator[Decision]:
    for service in DECIDING_SERVICES:
        for document in client[service].decisions.find():
            yield Decision(
                document["application_id"],
                service,
                document["outcome"],
                document.get("grant_cents"),
                tuple(each["code"] for each in document["reasons"]),
            )


def _notifications(client: MongoClient[dict[str, Any]]) -> Iterator[Notification]:
    for document in client.notify.notifications.find():
        yield Notification(document["application_id"], document["state"])


def _mails(maildir: Path) -> Iterator[Mail]:
    for path in (maildir / "new").iterdir():
        message = message_from_bytes(path.read_bytes())
        yield Mail(message["X-Application-Id"] or "", message["Message-ID"] or "")


def _events(bootstrap_servers: str) -> Iterator[Event]:
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap_servers,
            "group.id": "nobody",
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "isolation.level": "read_committed",
            "enable.partition.eof": True,
        }
    )
    try:
        unread = _partitions(consumer)
        consumer.assign([TopicPartition(*place, 0) for place in unread])
        while unread:
            if record := _next_record(consumer, unread):
                yield _event(record)
    finally:
        consumer.close()


def _partitions(consumer: Consumer) -> set[tuple[str, int]]:
    """Return the partitions that are not empty."""
    topics = consumer.list_topics(timeout=_TIMEOUT_SECONDS).topics
    places = [(name, part) for name, topic in topics.items() for part in topic.partitions]
    ends = {
        place: consumer.get_watermark_offsets(TopicPartition(*place), _TIMEOUT_SECONDS)[1]
        for place in places
        if not place[0].startswith("__")
    }
    return {place for place, end in ends.items() if end}


def _next_record(consumer: Consumer, unread: set[tuple[str, int]]) -> Message | None:
    """Return the next record, or nothing where a partition ended: that is no longer unread then.

    Offsets of records do not tell the end: markers and aborted records are behind the last one.
    """
    record = consumer.poll(_TIMEOUT_SECONDS)
    if record is None:
        msg = f"Kafka sends nothing for {_TIMEOUT_SECONDS} s; {len(unread)} partitions are unread."
        raise StackError(msg)
    error = record.error()
    if error is None:
        return record
    if error.code() != KafkaError._PARTITION_EOF:  # noqa: SLF001  # its public codes lack it
        raise KafkaException(error)
    unread.discard((record.topic() or "", record.partition() or 0))
    return None


def _event(record: Message) -> Event:
    headers = dict(record.headers() or [])
    return Event(
        record.topic() or "",
        _text(headers.get("ce_type")),
        _text(headers.get("ce_id")),
        _text(record.key()),
    )


def _text(value: str | bytes | None) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else value or ""
