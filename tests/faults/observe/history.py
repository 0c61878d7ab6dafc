"""What a run leaves behind: what was accepted, and every effect that it has had."""

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
}


class Version(NamedTuple):
    """One version of an application: what is accepted, decided and told once."""

    application_id: str
    number: int


class Accepted(NamedTuple):
    """A version that somebody was promised: by 202, or as an event that Kafka confirmed."""

    version: Version
    service: str  # who decides it


class Kept(NamedTuple):
    """A decision in MongoDB."""

    service: str
    version: Version
    decided_at: str  # in whole milliseconds, as the event has it


class Event(NamedTuple):
    """A record of a fact topic, in the order of its partition."""

    topic: str
    type: str
    version: Version
    value: bytes
    headers: tuple[tuple[str, bytes], ...]
    told: str = ""  # what else tells it from others on the same version: a notification's id


class Notification(NamedTuple):
    """A message as `notify` keeps it; `about` is what it tells."""

    version: Version
    about: str
    id: str
    state: str
    message_id: str | None


class Mail(NamedTuple):
    """A mail as it arrived; `digest` is that of its bytes as they were sent."""

    application_id: str
    message_id: str
    digest: bytes


class Source(NamedTuple):
    """Where a dead letter comes from."""

    group: str
    topic: str
    partition: int
    offset: int


class DeadLetter(NamedTuple):
    """A record that a group gave up."""

    source: Source
    key: bytes | None
    value: bytes | None


@dataclass
class History:
    """Everything that happened in one run; `services` are those that took part.

    `poison` counts, for each consumer group, the records that no service can handle. `past` are the
    versions that happened too long ago to be mailed.
    """

    services: frozenset[str]
    accepted: Sequence[Accepted] = ()
    events: Sequence[Event] = ()
    kept: Sequence[Kept] = ()
    notifications: Sequence[Notification] = ()
    mails: Sequence[Mail] = ()
    dead_letters: Sequence[DeadLetter] = ()
    poison: dict[str, int] = field(default_factory=dict)
    past: frozenset[Version] = frozenset()
