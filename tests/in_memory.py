"""Fakes of our own interfaces; the store's contract is tested on its fake and on MongoDB alike."""

from collections.abc import Sequence
from typing import Any

from shared.decisions.model import Proposal
from shared.events.envelope import Outgoing


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
        found = [each.decided for each in self._kept.values()]
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
