"""The shape of every handler: read, decide, keep, publish. The offset is committed afterwards."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from aiokafka import TopicPartition
from pydantic import ValidationError

from shared.errors import MalformedRecordError
from shared.events.envelope import CE_TYPE, TRACEPARENT, Event, Outgoing
from shared.publishing import DeadLetter, Publisher, Record
from shared.retry import until_done

ProposalT = TypeVar("ProposalT")
KeptT = TypeVar("KeptT")
ResultT = TypeVar("ResultT")


Read = Mapping[str, Callable[[bytes], Any]]
Decide = Callable[[Event[Any]], ProposalT | None]
Erase = Mapping[str, Callable[[bytes, int], ProposalT]]


@dataclass(frozen=True, slots=True)
class Steps(Generic[ProposalT, KeptT]):
    """What one service does with the events of its topics.

    `read` has one entry for each event type that the service knows; others are skipped. `decide`
    sees one event and returns nothing if it is no concern of this service; where it needs more
    than the event, `look_up` asks once for the whole batch and returns the `decide` that knows the
    answer. `keep` sees the batch, may be called again with it, and returns what is stored, also
    for what was stored before. `announce` builds the event for what is kept. `read`, `decide` and
    `announce` are pure, but for the moment that `decide` stamps. `erase` has an entry for each
    compacted topic: what a tombstone asks for, by its key and its time in milliseconds since 1970;
    on other topics a record without value is malformed. `count` sees what was kept once it is
    published, repeats included.
    """

    read: Read
    decide: Decide[ProposalT]
    keep: Callable[[Sequence[ProposalT]], Awaitable[Sequence[KeptT]]]
    announce: Callable[[KeptT], Outgoing | None]
    erase: Erase[ProposalT] = field(default_factory=dict)
    count: Callable[[Sequence[KeptT]], None] = lambda _kept: None
    look_up: Callable[[Sequence[Event[Any]]], Awaitable[Decide[ProposalT]]] | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What handling needs besides the steps.

    `address` puts a dead letter into its envelope; setting `giving_up` ends the waiting for a
    dependency that is down; `on_retry` hears the kind of error before each wait.
    """

    publisher: Publisher
    address: Callable[[DeadLetter], Outgoing]
    giving_up: asyncio.Event
    on_retry: Callable[[str], None] = lambda _error: None

    async def insist(self, attempt: Callable[[], Awaitable[ResultT]]) -> ResultT:
        """Repeat until the dependency works, or raise `AbandonedError` when told to give up."""
        return await until_done(attempt, self.giving_up, self.on_retry)


async def handle_batch(
    records: Sequence[Record], steps: Steps[ProposalT, KeptT], around: Surroundings
) -> "Sorted[ProposalT]":
    """Handle one poll to its end: every effect kept and confirmed when this returns.

    Never raises for bad data; raises `AbandonedError` if told to give up during an outage. If it
    is cut short at any point, handling the same records again leaves the same documents and
    publishes the same bytes.
    """
    batch = read_all(records, steps.read, steps.erase)
    decide, look_up = steps.decide, steps.look_up
    if look_up and (events := batch.events):
        decide = await around.insist(lambda: look_up(events))
    batch.decide_all(decide)
    kept: Sequence[KeptT] = ()
    if batch.proposals:
        kept = await around.insist(lambda: steps.keep(batch.proposals))
    outgoing = [event for each in kept if (event := steps.announce(each)) is not None]
    outgoing += [around.address(letter) for letter in batch.dead]
    if outgoing:
        await around.insist(lambda: around.publisher.publish(outgoing))
    steps.count(kept)
    return batch


@dataclass(slots=True)
class Sorted(Generic[ProposalT]):
    """One batch taken apart: what is asked for, in the order of its records, and what never can."""

    asked: list[tuple[Record, Event[Any] | ProposalT]] = field(default_factory=list)
    proposals: list[ProposalT] = field(default_factory=list)
    dead: list[DeadLetter] = field(default_factory=list)
    skipped: int = 0

    @property
    def events(self) -> list[Event[Any]]:
        """The events that were read."""
        return [each for _, each in self.asked if isinstance(each, Event)]

    def decide_all(self, decide: Decide[ProposalT]) -> None:
        """Decide every event; one that meets a bug is given up, as it would meet it again."""
        for record, asked in self.asked:
            try:
                proposal = decide(asked) if isinstance(asked, Event) else asked
            except Exception as error:  # noqa: BLE001  # pure, so it would fail again
                self.dead.append(DeadLetter(record, "unprocessable", type(error).__name__))
            else:
                if proposal is not None:
                    self.proposals.append(proposal)


def read_all(
    records: Iterable[Record],
    read: Read,
    erase: Erase[ProposalT] | None = None,
) -> Sorted[ProposalT]:
    """Separate what can be read from what never can. Never raises for bad data."""
    batch = Sorted[ProposalT]()
    for record in records:
        try:
            _read(record, read, erase or {}, batch)
        except MalformedRecordError as error:
            batch.dead.append(DeadLetter(record, "malformed", str(error)))
        except ValidationError as error:
            batch.dead.append(DeadLetter(record, "invalid", short_reason(error)))
        except Exception as error:  # noqa: BLE001  # pure, so it would fail again
            batch.dead.append(DeadLetter(record, "unprocessable", type(error).__name__))
    return batch


def _read(
    record: Record,
    read: Read,
    erase: Erase[ProposalT],
    batch: Sorted[ProposalT],
) -> None:
    if record.value is None and record.topic in erase:
        batch.asked.append((record, erase[record.topic](record.key or b"", record.timestamp)))
        return
    kind, traceparent = _attributes(record)
    if kind not in read:
        batch.skipped += 1
        return
    if record.value is None:
        msg = "no value"
        raise MalformedRecordError(msg)
    data = read[kind](record.value)
    batch.asked.append((record, Event(kind, data, record.timestamp, record.value, traceparent)))


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
    return {TopicPartition(each.topic, each.partition): each.offset + 1 for each in records}
