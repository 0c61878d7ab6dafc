"""Drain, then fence: what happens to a running batch when its partitions are taken away."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from aiokafka import ConsumerRebalanceListener, TopicPartition
from typing_extensions import override


@dataclass(slots=True)
class Batch:
    """One batch in hand. `fenced`: its partitions may be another's by now, so commit nothing."""

    giving_up: asyncio.Event = field(default_factory=asyncio.Event)
    fenced: bool = False


class Gate(ConsumerRebalanceListener):
    """Guards the batches of one subscriber, which come one at a time.

    When partitions are revoked, a batch that waits for a dependency gives up at once; one that
    works gets `drain_seconds` to finish with its commit, while heartbeats go on, and is fenced
    after that. `assigned` counts the partitions held, and is `None` until the group was joined.
    """

    def __init__(self, drain_seconds: float) -> None:
        self.assigned: int | None = None
        self.rebalances = 0
        self._drain_seconds = drain_seconds
        self._batch: Batch | None = None
        self._idle = asyncio.Event()
        self._idle.set()
        self._closing = False

    @contextmanager
    def batch(self) -> Iterator[Batch]:
        """Hold the gate busy while a batch is handled."""
        self._batch = Batch()
        self._idle.clear()
        if self._closing:
            self._batch.giving_up.set()
        try:
            yield self._batch
        finally:
            self._batch = None
            self._idle.set()

    def close(self) -> None:
        """End the waiting for dependencies that are down; what can finish still commits."""
        self._closing = True
        if self._batch:
            self._batch.giving_up.set()

    @override
    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Drain, then fence; called by aiokafka before it rejoins the group."""
        if self._batch:
            self._batch.giving_up.set()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), self._drain_seconds)
        if self._batch:
            self._batch.fenced = True
        self.assigned = 0 if revoked else self.assigned

    @override
    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Count; called by aiokafka after it has joined the group."""
        self.assigned = len(assigned)
        self.rebalances += 1
