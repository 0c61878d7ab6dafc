"""What was done about dead letters, by whom and when: notes on a topic beside theirs.

`<consumer group>.dead-letter-actions.v1`, key `<partition>:<offset>` of the letter. The last note
on a letter says how it stands; all are kept, as its history (`docs/adr/0010`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, Field, TypeAdapter, ValidationError
from typing_extensions import override

from cli.dead_letters.letter import LetterId
from shared.events.envelope import EventData, Outgoing, Topic
from shared.kafka.record import KafkaRecord

State = Literal["open", "redriven", "parked"]


class Action(EventData):
    """One note. `attempts` is how often the record had failed when it was written."""

    action: Literal["redriven", "parked"]
    by: Annotated[str, Field(min_length=1)]
    at: AwareDatetime
    because: str = ""
    attempts: int | None = None

    @override
    def __str__(self) -> str:
        """Tell it in words."""
        why = f": {self.because}" if self.because else ""
        return f"{self.action} at {self.at:%Y-%m-%dT%H:%M:%SZ} by {self.by}{why}"


_ACTION: Final = TypeAdapter(Action)


def actions_topic(group: str) -> Topic:
    """Name the topic of notes on a group's dead letters."""
    return Topic(f"{group}.dead-letter-actions.v1")


def note(letter: LetterId, action: Action) -> Outgoing:
    """Build the record of a note."""
    return Outgoing(
        topic=actions_topic(letter.group).name,
        key=f"{letter.partition}:{letter.offset}".encode(),
        value=action.model_dump_json().encode(),
        headers=[("content-type", b"application/json")],
        time=action.at,
    )


@dataclass(frozen=True, slots=True)
class Book:
    """All notes on the letters of one group, by letter; `unreadable` are not notes of this kind."""

    actions: Mapping[LetterId, Sequence[Action]]
    unreadable: int = 0

    def history(self, letter: LetterId) -> Sequence[Action]:
        """Tell all that was done about a letter, the earliest first."""
        return self.actions.get(letter, ())

    def last(self, letter: LetterId) -> Action | None:
        """Tell what was done about a letter last."""
        history = self.history(letter)
        return history[-1] if history else None

    def state(self, letter: LetterId) -> State:
        """Tell how a letter stands."""
        last = self.last(letter)
        return last.action if last else "open"


def book_of(group: str, records: Iterable[KafkaRecord]) -> Book:
    """Read the notes on a group's letters."""
    actions: dict[LetterId, list[Action]] = {}
    unreadable = 0
    for record in records:
        try:
            letter = _noted(group, record.key or b"")
            actions.setdefault(letter, []).append(_ACTION.validate_json(record.value or b""))
        except (ValidationError, ValueError):
            unreadable += 1
    return Book(actions, unreadable)


def _noted(group: str, key: bytes) -> LetterId:
    return LetterId.parse(f"{group}/{key.decode().replace(':', '/')}")
