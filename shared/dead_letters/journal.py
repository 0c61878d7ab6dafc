"""The journal of dead letters: who redrove or parked which letter, when and why.

Actions are records on `<consumer group>.dead-letter-actions.v1` with the key `<partition>:<offset>`
of the letter. The last action on a letter gives its state; all of them are its history
(`docs/adr/0010`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, Field, TypeAdapter, ValidationError
from typing_extensions import override

from shared.dead_letters.letter import LetterId
from shared.events.envelope import EventData, Outgoing, Topic
from shared.kafka.record import KafkaRecord

State = Literal["open", "redriven", "parked"]


class Action(EventData):
    """One journal entry. `attempts` is how often the record had failed by then.

    `topic_id` is that of the letter's topic: a topic made anew has other letters at its positions.
    """

    action: Literal["redriven", "parked"]
    by: Annotated[str, Field(min_length=1)]
    at: AwareDatetime
    because: str = ""
    attempts: int | None = None
    topic_id: str | None = None

    @override
    def __str__(self) -> str:
        """Return the action as a phrase."""
        why = f": {self.because}" if self.because else ""
        return f"{self.action} at {self.at:%Y-%m-%dT%H:%M:%SZ} by {self.by}{why}"


_ACTION: Final = TypeAdapter(Action)


def actions_topic(group: str) -> Topic:
    """Return the topic with the journal of a group's dead letters."""
    return Topic(f"{group}.dead-letter-actions.v1")


def action_record(letter: LetterId, action: Action) -> Outgoing:
    """Build the Kafka record of an action."""
    return Outgoing(
        topic=actions_topic(letter.group).name,
        key=f"{letter.partition}:{letter.offset}".encode(),
        value=action.model_dump_json().encode(),
        headers=[("content-type", b"application/json")],
        time=action.at,
    )


@dataclass(frozen=True, slots=True)
class Journal:
    """The actions on one group's letters; `unreadable` counts records that are not actions."""

    actions: Mapping[LetterId, Sequence[Action]]
    unreadable: int = 0

    def history(self, letter: LetterId) -> Sequence[Action]:
        """Return all actions on a letter, the earliest first."""
        return self.actions.get(letter, ())

    def last(self, letter: LetterId) -> Action | None:
        """Return the last action on a letter."""
        history = self.history(letter)
        return history[-1] if history else None

    def state(self, letter: LetterId) -> State:
        """Return the state of a letter."""
        last = self.last(letter)
        return last.action if last else "open"


def parse_action(group: str, record: KafkaRecord) -> tuple[LetterId, Action] | None:
    """Parse a record of a group's journal; None if it cannot be read."""
    try:
        letter = LetterId.parse(f"{group}/{(record.key or b'').decode().replace(':', '/')}")
        return letter, _ACTION.validate_json(record.value or b"")
    except (ValidationError, ValueError):
        return None


def is_about_topic(action: Action, topic_id: str) -> bool:
    """Return whether an action is on a letter of the topic with this id.

    An action without an id, of an earlier release, is about any, and every one is if the id is not
    known.
    """
    return not topic_id or action.topic_id in {None, topic_id}


def parse_journal(group: str, records: Iterable[KafkaRecord], topic_id: str = "") -> Journal:
    """Build a group's journal from the records of its topic; see `is_about_topic`."""
    actions: dict[LetterId, list[Action]] = {}
    unreadable = 0
    for record in records:
        if not (parsed := parse_action(group, record)):
            unreadable += 1
        elif is_about_topic(parsed[1], topic_id):
            actions.setdefault(parsed[0], []).append(parsed[1])
    return Journal(actions, unreadable)
