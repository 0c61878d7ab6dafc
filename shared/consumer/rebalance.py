"""Drain, then fence: what happens to a running batch when its partitions are taken away."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from aiokafka import ConsumerRebalanceListener, TopicPartition
from typing_extensions import override


@dataclass(slots=True)
class Batch:
    """One batch in hand. `fenced`: its partitions may be another's by now, so commit nothing."""

    cancelled: asyncio.Event = field(default_factory=asyncio.Event)
    fenced: bool = False


class RebalanceListener(ConsumerRebalanceListener):
    """Guards the batches of one subscriber, which come one at a time, and their commits.

    When partitions are revoked, a batch that waits for a dependency gives up at once; one that
    works gets `drain_seconds` to finish with its commit, while heartbeats go on, and is fenced
    after that. `assigned` counts the partitions held, and is `None` until the group was joined.
    `pulse` grows with all that is done; `lag` is how many records are known to wait;
    `is_retrying` tells that the batch in hand has met a dependency that refuses it.
    """

    def __init__(
        self, drain_seconds: float, on_assigned: Callable[[], None] = lambda: None
    ) -> None:
        self.assigned: int | None = None
        self.pulse = 0
        self.lag = 0
        self.is_retrying = False
        self._drain_seconds = drain_seconds
        self._on_assigned = on_assigned
        self._batch: Batch | None = None
        self._commit: asyncio.Task[None] | None = None
        self._idle = asyncio.Event()
        self._idle.set()
        self._closing = False

    @property
    def has_work(self) -> bool:
        """Tell whether something ought to be going on."""
        return self._batch is not None or self.lag > 0

    @contextmanager
    def batch(self) -> Iterator[Batch]:
        """Hold the listener busy while a batch is handled."""
        self._batch = Batch()
        self._idle.clear()
        if self._closing:
            self._batch.cancelled.set()
        try:
            self.pulse += 1
            yield self._batch
        finally:
            self.pulse += 1
            self.is_retrying = False
            self._batch = None
            self._idle.set()

    async def commit(self, batch: Batch, attempt: Callable[[], Awaitable[None]]) -> None:
        """Commit a batch that is done beside the next one, once the one before is committed.

        `attempt` must not raise. A fenced batch is not committed; closing waits for the last one.
        """
        await self.settled()
        if batch.fenced:
            return
        self._commit = asyncio.ensure_future(_once(attempt))
        if self._closing:
            await self.settled()

    async def settled(self) -> None:
        """Wait for the commit that is on its way."""
        if self._commit:
            await asyncio.wait([self._commit])

    async def close(self) -> None:
        """End the waiting for dependencies that are down; what can finish still commits."""
        self._closing = True
        if self._batch:
            self._batch.cancelled.set()
        await self.settled()

    @override
    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Drain, then fence; called by aiokafka before it rejoins the group."""
        if self._batch:
            self._batch.cancelled.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._drain_seconds):
                await self._idle.wait()
                await self.settled()
        if self._batch:
            self._batch.fenced = True
        self.lag = 0
        self.assigned = 0 if revoked else self.assigned

    @override
    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Count; called by aiokafka after it has joined the group."""
        self.assigned = len(assigned)
        self._on_assigned()


async def _once(attempt: Callable[[], Awaitable[None]]) -> None:
    await attempt()
