"""Fakes of our own interfaces."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from shared.consumer.breaker import Breaker
from shared.consumer.dead_letters import DeadLetterEnvelope
from shared.consumer.handling import BatchHandler, Handler
from shared.errors import TransientError
from shared.events.envelope import Outgoing
from shared.kafka.publisher import Publisher
from shared.outbox.store import Backlog, Claim, Unpublished
from tests.factories import NOW

NEVER_TRIPS: Final = Breaker(in_a_row=10**9, share=1.0)


class InMemoryPublisher:
    """A `Publisher` that keeps what it publishes."""

    def __init__(self) -> None:
        self.published: list[Outgoing] = []

    async def publish(self, events: Sequence[Outgoing]) -> None:
        self.published += events


@dataclass
class FakeOutboxStore:
    """Documents in memory."""

    documents: dict[Any, tuple[datetime, Unpublished]] = field(default_factory=dict)
    published: list[Any] = field(default_factory=list)
    renewed: list[list[Any]] = field(default_factory=list)

    def keep(self, entry: Unpublished, since: datetime) -> None:
        self.documents[entry.id] = (since, entry)

    async def prepare(self) -> None:
        """Nothing is needed in memory."""

    async def claim_due(self, before: datetime, limit: int, claim: Claim) -> Sequence[Unpublished]:
        assert claim.by
        waiting = sorted(self.documents.values(), key=lambda each: each[0])
        return [entry for since, entry in waiting if since <= before][:limit]

    async def renew(self, ids: Sequence[Any], claim: Claim) -> None:
        assert claim.by
        self.renewed.append(list(ids))

    async def mark_published(self, ids: Sequence[Any], now: datetime, by: str) -> None:
        assert now
        assert by
        for each in ids:
            self.documents.pop(each, None)
        self.published.extend(ids)

    async def backlog(self) -> Backlog:
        since = [since for since, _ in self.documents.values()]
        return Backlog(len(since), min(since, default=None))


@dataclass
class FakePublisher:
    """Publishes into a list, unless Kafka is down."""

    is_down: bool = False
    attempts: int = 0
    events: list[Outgoing] = field(default_factory=list)

    async def publish(self, events: Sequence[Outgoing]) -> None:
        self.attempts += 1
        if self.is_down:
            raise TransientError
        self.events.extend(events)


def a_batch_handler(
    handler: Handler[Any, Any],
    publisher: Publisher,
    group: str = "sample",
    breaker: Breaker = NEVER_TRIPS,
) -> BatchHandler[Any, Any]:
    """Build the handler of batches as the consumer of `group` has it."""
    return BatchHandler(handler, publisher, DeadLetterEnvelope(group, "0"), breaker, lambda: NOW)
