"""Records taken apart: which can be read, what they ask for, and which never can be."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, Protocol, TypeAlias, TypeVar

from aiokafka import TopicPartition
from pydantic import ValidationError

from shared.consumer.dead_letters import DeadLetter
from shared.errors import MalformedRecordError
from shared.events.envelope import CE_TYPE, TRACEPARENT, Event
from shared.kafka.record import Record

ProposalT = TypeVar("ProposalT")

Read = Mapping[str, Callable[[bytes], Any]]
Asked: TypeAlias = tuple[Record, Event[Any] | ProposalT]
"""What a record asks for: an event to decide, or what a tombstone asks to be kept."""


class Readable(Protocol):
    """The steps that read records."""

    @property
    def read(self) -> Read: ...  # noqa: D102
    @property
    def erase(self) -> Mapping[str, Callable[[bytes, int], Any]]: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Reading:
    """Only the reading, for those that keep nothing."""

    read: Read
    erase: Mapping[str, Callable[[bytes, int], Any]] = field(default_factory=dict)


@dataclass(slots=True)
class Sorted(Generic[ProposalT]):
    """One batch taken apart: what is asked for, in the order of its records, and what never can."""

    records: Sequence[Record]
    asked: list[Asked[ProposalT]] = field(default_factory=list)
    dead: list[DeadLetter] = field(default_factory=list)
    skipped: int = 0

    @property
    def events(self) -> list[Event[Any]]:
        """The events that were read."""
        return [asked for _, asked in self.asked if isinstance(asked, Event)]

    @property
    def given_up(self) -> list[bool]:
        """Tell of each record, in order, whether it was given up."""
        if not self.dead:
            return [False] * len(self.records)
        dead = {id(letter.record) for letter in self.dead}
        return [id(record) in dead for record in self.records]


def read_all(
    records: Iterable[Record],
    steps: Readable,
    returned: Callable[[Record], Record] = lambda record: record,
) -> Sorted[Any]:
    """Separate what can be read from what never can. Never raises for bad data.

    `returned` undoes the envelope of a record that was redriven.
    """
    batch = Sorted[Any]([*records])
    for record in batch.records:
        try:
            asked = _read(returned(record), steps)
        except Exception as error:  # noqa: BLE001  # pure, so it would fail again
            batch.dead.append(DeadLetter(record, *_reason(error)))
        else:
            if asked is _UNKNOWN_TYPE:
                batch.skipped += 1
            else:
                batch.asked.append((record, asked))
    return batch


_UNKNOWN_TYPE: Final = object()


def _reason(error: Exception) -> tuple[str, str]:
    if isinstance(error, MalformedRecordError):
        return "malformed", str(error)
    if isinstance(error, ValidationError):
        return "invalid", short_reason(error)
    return "unprocessable", type(error).__name__


def _read(record: Record, steps: Readable) -> Any:
    if record.value is None and record.topic in steps.erase:
        return steps.erase[record.topic](record.key or b"", record.timestamp)
    kind, traceparent = _attributes(record)
    read = steps.read.get(kind)
    if read is None:
        return _UNKNOWN_TYPE
    if record.value is None:
        msg = "no value"
        raise MalformedRecordError(msg)
    return Event(kind, read(record.value), record.timestamp, record.value, traceparent)


def _attributes(record: Record) -> tuple[str, str]:
    """Find event type and trace context; every header has to be text, as CloudEvents asks."""
    kind = traceparent = ""
    for name, value in record.headers:
        try:
            text = (value or b"").decode()  # a header may have no value
        except UnicodeDecodeError:
            msg = f"header {name} is not UTF-8"
            raise MalformedRecordError(msg) from None
        if name == CE_TYPE:
            kind = text
        elif name == TRACEPARENT:
            traceparent = text
    if not kind:
        msg = f"no header {CE_TYPE}"
        raise MalformedRecordError(msg)
    return kind, traceparent


_NAMED_ERRORS: Final = 3


def short_reason(error: ValidationError) -> str:
    """Say which fields break which rules, without any of the data."""
    details = error.errors(include_url=False, include_context=False, include_input=False)
    named = [
        f"{'.'.join(str(part) for part in each['loc'])}: {each['type']}"
        for each in details[:_NAMED_ERRORS]
    ]
    more = len(details) - len(named)
    return "; ".join(named) + (f"; and {more} more" if more else "")


def next_offsets(records: Iterable[Record]) -> dict[TopicPartition, int]:
    """Tell which offsets to commit once these records are handled."""
    last = {(each.topic, each.partition): each.offset for each in records}
    return {TopicPartition(*place): offset + 1 for place, offset in last.items()}
