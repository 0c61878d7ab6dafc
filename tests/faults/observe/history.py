"""The history of a run: what was accepted, and every effect of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

APPLICATIONS = "intake.applications.v1"
CONTACTS = "intake.contacts.v1"
RULINGS = "casework.rulings.v1"
NOTIFICATIONS = "notify.notifications.v1"
DECISIONS = {"eligibility": "eligibility.decisions.v1", "recognition": "recognition.decisions.v1"}
READS = {
    "eligibility": (APPLICATIONS, RULINGS, "eligibility.redrives.v1"),
    "recognition": (APPLICATIONS, RULINGS, "recognition.redrives.v1"),
    "notify": (APPLICATIONS, CONTACTS, *DECISIONS.values(), RULINGS, "notify.redrives.v1"),
    "portal": (
        "content.items.v1",
        "eligibility.programme.v1",
        "recognition.scheme.v1",
        "portal.redrives.v1",
    ),
}


class Version(NamedTuple):
    """One version of an application, which is accepted, decided and notified once."""

    application_id: str
    number: int


class Accepted(NamedTuple):
    """A version that was accepted: answered with 202, or confirmed by Kafka as an event."""

    version: Version
    service: str  # the one that decides it


class StoredDecision(NamedTuple):
    """A decision in MongoDB."""

    service: str
    version: Version
    decided_at: str  # in whole milliseconds, as in the event


class Event(NamedTuple):
    """A record of an event topic, in the order of its partition."""

    topic: str
    type: str
    version: Version
    value: bytes
    headers: tuple[tuple[str, bytes], ...]
    notification_id: str = ""  # one version has several notifications


class Notification(NamedTuple):
    """A message as `notify` stores it; `about` is its subject."""

    version: Version
    about: str
    id: str
    state: str
    message_id: str | None


class Mail(NamedTuple):
    """A mail as it arrived, with a digest of its bytes."""

    application_id: str
    message_id: str
    digest: bytes


class Source(NamedTuple):
    """The group that rejected a record, and where that record is."""

    group: str
    topic: str
    partition: int
    offset: int


class DeadLetter(NamedTuple):
    """A record that a group published as a dead letter."""

    source: Source
    key: bytes | None
    value: bytes | None


@dataclass
class History:
    """Everything that happened in one run; `services` are those that took part.

    `past` are the versions that happened too long ago to be mailed.
    """

    services: frozenset[str]
    accepted: Sequence[Accepted] = ()
    events: Sequence[Event] = ()
    decisions: Sequence[StoredDecision] = ()
    notifications: Sequence[Notification] = ()
    mails: Sequence[Mail] = ()
    dead_letters: Sequence[DeadLetter] = ()
    expected_dead_letters: dict[str, int] = field(default_factory=dict)  # by consumer group
    past: frozenset[Version] = frozenset()
