"""The shape of every handler: read, decide, keep, publish. The offset is committed afterwards."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from shared.consumer.dead_letters import DeadLetter
from shared.consumer.parsing import Asked, Read, Sorted, read_all
from shared.errors import (
    AbandonedError,
    DependencyError,
    RecordTooLargeError,
    TransientError,
)
from shared.events.envelope import LARGEST_RECORD_BYTES, Event, Outgoing
from shared.kafka.publisher import Publisher
from shared.kafka.record import Record
from shared.retry import until_done

ProposalT = TypeVar("ProposalT")
KeptT = TypeVar("KeptT")
ResultT = TypeVar("ResultT")


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

    `address` puts a dead letter into its envelope; `returned` undoes that for a record that was
    redriven. `admit` hears of every batch before anything is published of it, and raises where too
    much would be given up. Setting `giving_up` ends the waiting for a dependency that is down;
    `on_retry` hears the kind of error before each wait.
    """

    publisher: Publisher
    address: Callable[[DeadLetter], Outgoing]
    giving_up: asyncio.Event
    on_retry: Callable[[str], None] = lambda _error: None
    returned: Callable[[Record], Record] = lambda record: record
    admit: Callable[[Sorted[Any]], None] = lambda _batch: None

    async def insist(self, attempt: Callable[[], Awaitable[ResultT]]) -> ResultT:
        """Repeat until the dependency works, or raise `AbandonedError` when told to give up."""
        return await until_done(attempt, self.giving_up, self.on_retry)


async def handle_batch(
    records: Sequence[Record], steps: Steps[ProposalT, KeptT], around: Surroundings
) -> Sorted[ProposalT]:
    """Handle one poll to its end: every effect kept and confirmed when this returns.

    Never raises for bad data, nor for a step that fails on some records: they are given up, the
    others go on. Raises `AbandonedError` if told to give up during an outage, `DependencyError`
    where a person has to look, and what `admit` raises. If it is cut short at any point, handling
    the same records again leaves the same documents and publishes the same bytes.
    """
    batch = read_all(records, steps, around.returned)
    kept: list[KeptT] = []
    outgoing: list[Outgoing] = []
    async for more, events in _effects(batch, steps, around):
        kept += more
        outgoing += events
    around.admit(batch)
    outgoing += [around.address(letter) for letter in batch.dead]
    if outgoing:
        await around.insist(lambda: around.publisher.publish(outgoing))
    steps.count(kept)
    return batch


async def _effects(
    batch: Sorted[ProposalT], steps: Steps[ProposalT, KeptT], around: Surroundings
) -> AsyncIterator[tuple[Sequence[KeptT], list[Outgoing]]]:
    """Decide and keep; a part that fails is halved until the guilty records stand alone.

    Yields what is kept and announced, in the order of the records, part by part. Keeping may see
    a record several times; it is the same to it.
    """
    parts = [batch.asked] if batch.asked else []
    while parts:
        part = parts.pop()
        try:
            done = await _kept_and_announced(part, batch.dead, steps, around)
        except (TransientError, AbandonedError, DependencyError):
            raise
        except Exception as error:  # noqa: BLE001  # whatever it is, it would come again
            half = len(part) // 2
            if half:
                parts += [part[half:], part[:half]]
            else:
                batch.dead.append(DeadLetter(part[0][0], "unprocessable", type(error).__name__))
        else:
            yield done


async def _kept_and_announced(
    part: Sequence[Asked[ProposalT]],
    dead: list[DeadLetter],
    steps: Steps[ProposalT, KeptT],
    around: Surroundings,
) -> tuple[Sequence[KeptT], list[Outgoing]]:
    decide, look_up = steps.decide, steps.look_up
    events = [asked for _, asked in part if isinstance(asked, Event)]
    if look_up and events:
        decide = await around.insist(lambda: look_up(events))
    proposals, failed = decide_all(part, decide)
    kept: Sequence[KeptT] = ()
    if proposals:
        kept = await around.insist(lambda: steps.keep(proposals))
    outgoing = [_sendable(event) for each in kept if (event := steps.announce(each)) is not None]
    dead += failed
    return kept, outgoing


def _sendable(event: Outgoing) -> Outgoing:
    if event.value and len(event.value) > LARGEST_RECORD_BYTES:
        raise RecordTooLargeError
    return event


def decide_all(
    part: Sequence[Asked[ProposalT]], decide: Decide[ProposalT]
) -> tuple[list[ProposalT], list[DeadLetter]]:
    """Decide every event; one that meets a bug is given up, as it would meet it again."""
    proposals: list[ProposalT] = []
    failed: list[DeadLetter] = []
    for record, asked in part:
        try:
            proposal = decide(asked) if isinstance(asked, Event) else asked
        except Exception as error:  # noqa: BLE001  # pure, so it would fail again
            failed.append(DeadLetter(record, "unprocessable", type(error).__name__))
        else:
            if proposal is not None:
                proposals.append(proposal)
    return proposals, failed
