"""The shape of every handler: read, decide, keep, publish. The offset is committed afterwards."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from shared.consumer.breaker import Breaker, BreakerOpenError
from shared.consumer.dead_letters import DeadLetter, DeadLetterEnvelope
from shared.consumer.parsing import OnTombstone, ParsedBatch, ParsedRecord, Parsers, parse_all
from shared.consumer.tracing import BatchTrace, batch_trace
from shared.errors import (
    AbandonedError,
    DependencyError,
    RecordTooLargeError,
    TransientError,
)
from shared.events.envelope import LARGEST_RECORD_BYTES, Event, Outgoing
from shared.kafka.publisher import Publisher
from shared.kafka.record import KafkaRecord
from shared.retry import retry_until_done

ProposalT = TypeVar("ProposalT")
StoredT = TypeVar("StoredT")
ResultT = TypeVar("ResultT")

Decide = Callable[[Event[Any]], ProposalT | None]
Lookup = Callable[[Sequence[Event[Any]]], Awaitable[Decide[ProposalT]]]
Keep = Callable[[Sequence[ProposalT]], Awaitable[Sequence[StoredT]]]
OnPublished = Callable[[Sequence[StoredT]], None]


def no_lookup(decide: Decide[ProposalT]) -> Lookup[ProposalT]:
    """Return the `lookup` of a handler that needs nothing but the event itself."""

    async def lookup(_events: Sequence[Event[Any]]) -> Decide[ProposalT]:
        return decide

    return lookup


async def no_store(proposals: Sequence[ProposalT]) -> Sequence[ProposalT]:
    """Stand in for `keep` in a handler that stores nothing."""
    return proposals


def no_event(_stored: object) -> None:
    """Stand in for `announce` in a handler that publishes nothing."""


@dataclass(frozen=True, slots=True)
class Handler(Generic[ProposalT, StoredT]):
    """What one service does with the events of its topics.

    `parsers` has one entry for each event type that the service knows; others are skipped. `lookup`
    runs one query for the events of a batch and returns `decide`, which sees one event and returns
    `None` if the event does not concern the service. `keep` stores a batch of proposals and returns
    what is stored, also for what was stored before; it may be called again with the same proposals.
    `announce` builds the event for a stored document. Parsers, `decide` and `announce` are pure,
    except for the time that `decide` stamps. `on_tombstone` has an entry for each compacted topic:
    it turns the key and the time of a tombstone (milliseconds since 1970) into a proposal. A time
    is the attribute `ce_time`; only a record without it has its timestamp instead. On other topics
    a record without a value is malformed. `on_published` sees what was stored once it is published,
    repeats included.
    """

    parsers: Parsers
    lookup: Lookup[ProposalT]
    keep: Keep[ProposalT, StoredT]
    announce: Callable[[StoredT], Outgoing | None]
    on_tombstone: OnTombstone = field(default_factory=dict)
    on_published: OnPublished[StoredT] = lambda _stored: None


@dataclass(frozen=True, slots=True)
class Retry:
    """Repeats attempts while a dependency is down.

    Setting `cancelled` ends the wait; `on_retry` gets the kind of error before each wait.
    """

    cancelled: asyncio.Event
    on_retry: Callable[[str], None] = lambda _error: None

    async def until_done(self, attempt: Callable[[], Awaitable[ResultT]]) -> ResultT:
        """Repeat until the dependency works; raises `AbandonedError` once cancelled."""
        return await retry_until_done(attempt, self.cancelled, self.on_retry)


class BatchHandler(Generic[ProposalT, StoredT]):
    """Handles the batches of one consumer group."""

    def __init__(
        self,
        handler: Handler[ProposalT, StoredT],
        publisher: Publisher,
        envelope: DeadLetterEnvelope,
        breaker: Breaker,
        now: Callable[[], datetime],
    ) -> None:
        self._handler = handler
        self._publisher = publisher
        self._envelope = envelope
        self._breaker = breaker
        self._now = now

    async def handle(self, records: Sequence[KafkaRecord], retry: Retry) -> ParsedBatch[ProposalT]:
        """Handle one poll completely: every effect is stored and confirmed when this returns.

        Bad data never raises, nor does a step that fails on some records: those become dead
        letters and the rest goes on. Raises `AbandonedError` if cancelled during an outage,
        `DependencyError` if a person has to look, and `BreakerOpenError` if too many records would
        become dead letters. Handling the same records again, after an interruption at any point,
        leaves the same documents and publishes the same bytes.
        """
        handler = self._handler
        batch = parse_all(records, handler.parsers, handler.on_tombstone, self._envelope.unwrap)
        if trace := batch_trace(self._envelope.group):
            trace.enter(batch)
        stored: list[StoredT] = []
        outgoing: list[Outgoing] = []
        async for more, events in self._effects(batch, retry, trace):
            stored += more
            outgoing += events
        if self._breaker.trips(batch.dead_lettered):
            raise BreakerOpenError(batch.dead_letters[0])
        outgoing += [self._envelope.wrap(letter, self._now()) for letter in batch.dead_letters]
        if outgoing:
            await retry.until_done(lambda: self._publisher.publish(outgoing))
        handler.on_published(stored)
        self._breaker.count(batch.dead_lettered)
        if trace:
            trace.end(batch)
        return batch

    async def _effects(
        self, batch: ParsedBatch[ProposalT], retry: Retry, trace: BatchTrace | None
    ) -> AsyncIterator[tuple[Sequence[StoredT], list[Outgoing]]]:
        """Decide and keep; halve a part that fails until the records at fault are isolated.

        Yields what is stored and announced, in the order of the records, part by part. `keep` may
        see a record more than once, so it must be idempotent.
        """
        parts = [batch.parsed] if batch.parsed else []
        while parts:
            part = parts.pop()
            try:
                done = await self._keep_and_announce(part, batch.dead_letters, retry, trace)
            except (TransientError, AbandonedError, DependencyError):
                raise
            except Exception as error:  # noqa: BLE001  # whatever it is, it would fail again
                half = len(part) // 2
                if half:
                    parts += [part[half:], part[:half]]
                else:
                    letter = DeadLetter(part[0][0], "unprocessable", type(error).__name__)
                    batch.dead_letters.append(letter)
            else:
                yield done

    async def _keep_and_announce(
        self,
        part: Sequence[ParsedRecord[ProposalT]],
        dead_letters: list[DeadLetter],
        retry: Retry,
        trace: BatchTrace | None,
    ) -> tuple[Sequence[StoredT], list[Outgoing]]:
        handler = self._handler
        events = [parsed for _, parsed in part if isinstance(parsed, Event)]
        decide: Decide[ProposalT] = _undecided
        if events:
            decide = await retry.until_done(lambda: handler.lookup(events))
        proposals, failed = decide_all(part, decide)
        if trace:
            trace.decided()
        stored: Sequence[StoredT] = ()
        if proposals:
            stored = await retry.until_done(lambda: handler.keep(proposals))
        if trace:
            trace.stored(part, len(proposals))
        announced = (handler.announce(each) for each in stored)
        outgoing = [_sendable(event) for event in announced if event is not None]
        dead_letters += failed
        return stored, outgoing


def _undecided(_event: Event[Any]) -> None:
    """Stand in for `decide` in a batch of tombstones, which has no event to decide."""


def _sendable(event: Outgoing) -> Outgoing:
    if event.value and len(event.value) > LARGEST_RECORD_BYTES:
        raise RecordTooLargeError
    return event


def decide_all(
    part: Sequence[ParsedRecord[ProposalT]], decide: Decide[ProposalT]
) -> tuple[list[ProposalT], list[DeadLetter]]:
    """Decide every event; an event that hits a bug becomes a dead letter: it would fail again."""
    proposals: list[ProposalT] = []
    failed: list[DeadLetter] = []
    for record, parsed in part:
        try:
            proposal = decide(parsed) if isinstance(parsed, Event) else parsed
        except Exception as error:  # noqa: BLE001  # pure, so it would fail again
            failed.append(DeadLetter(record, "unprocessable", type(error).__name__))
        else:
            if proposal is not None:
                proposals.append(proposal)
    return proposals, failed
