"""Fakes of our own interfaces; the store's contract is tested on its fake and on MongoDB alike."""

from collections.abc import Sequence
from typing import Any, Final

from shared.consumer.breaker import Breaker
from shared.consumer.dead_letters import DeadLetterEnvelope
from shared.consumer.handling import BatchHandler, Handler
from shared.decisions.model import Proposal
from shared.events.envelope import Outgoing
from shared.kafka.publisher import Publisher
from tests.factories import NOW

NEVER_TRIPS: Final = Breaker(in_a_row=10**9, share=1.0)


class InMemoryDecisions:
    """A `Decisions` in memory."""

    def __init__(self) -> None:
        self._kept: dict[str, Proposal[Any]] = {}

    async def keep(self, proposals: Sequence[Proposal[Any]]) -> Sequence[Proposal[Any]]:
        keys = dict.fromkeys(each.idempotency_key for each in proposals)
        for each in proposals:
            self._kept.setdefault(each.idempotency_key, each)
        return [self._kept[key] for key in keys]

    async def of(self, application_id: str) -> Sequence[Any]:
        found = [each.decision for each in self._kept.values()]
        return sorted(
            (each for each in found if each.application_id == application_id),
            key=lambda each: each.order,
        )


class InMemoryPublisher:
    """A `Publisher` that keeps what it publishes."""

    def __init__(self) -> None:
        self.published: list[Outgoing] = []

    async def publish(self, events: Sequence[Outgoing]) -> None:
        self.published += events


def a_batch_handler(
    handler: Handler[Any, Any],
    publisher: Publisher,
    group: str = "sample",
    breaker: Breaker = NEVER_TRIPS,
) -> BatchHandler[Any, Any]:
    """Build the handler of batches as the consumer of `group` has it."""
    return BatchHandler(handler, publisher, DeadLetterEnvelope(group, "0"), breaker, lambda: NOW)
