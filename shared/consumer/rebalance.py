"""Drain, then fence: how a running batch ends when its partitions are revoked."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from aiokafka import ConsumerRebalanceListener, TopicPartition
from typing_extensions import override

from shared.kafka.topic_ids import TopicIdentity


@dataclass(slots=True)
class Batch:
    """A batch in flight. Once `fenced`, its partitions may have a new owner: commit nothing."""

    cancelled: asyncio.Event = field(default_factory=asyncio.Event)
    fenced: bool = False


class RebalanceListener(ConsumerRebalanceListener):
    """Guards the batches of one subscriber, which run one at a time, and their commits.

    When partitions are revoked, a batch that waits for a dependency is cancelled at once. A batch
    that makes progress gets `drain_seconds` to finish and commit, while heartbeats continue, and is
    fenced after that. `assigned` is the number of assigned partitions, or `None` until the member
    has joined the group. `pulse` grows with every step of progress. `lag` is the last known number
    of records to consume. `is_retrying` is true while a dependency refuses the batch in flight.
    `committed` are the offsets known to be committed, and `identities` the verified topics of the
    assigned partitions; both begin anew with each assignment.
    """

    def __init__(
        self, drain_seconds: float, on_assigned: Callable[[], None] = lambda: None
    ) -> None:
        self.assigned: int | None = None
        self.pulse = 0
        self.lag = 0
        self.is_retrying = False
        self.committed: dict[TopicPartition, int] = {}
        self.identities: dict[TopicPartition, TopicIdentity | None] = {}
        self._drain_seconds = drain_seconds
        self._on_assigned = on_assigned
        self._batch: Batch | None = None
        self._commit: asyncio.Task[None] | None = None
        self._idle = asyncio.Event()
        self._idle.set()
        self._closing = False

    @property
    def has_work(self) -> bool:
        """Whether `pulse` should be moving."""
        return self._batch is not None or self.lag > 0

    @contextmanager
    def batch(self) -> Iterator[Batch]:
        """Mark the subscriber busy while a batch is handled."""
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
        """Commit a handled batch in the background, after the commit of the previous batch.

        `attempt` must not raise. A fenced batch is not committed. `close` waits for the last
        commit.
        """
        await self.wait_for_commit()
        if batch.fenced:
            return
        self._commit = asyncio.ensure_future(_once(attempt))
        if self._closing:
            await self.wait_for_commit()

    async def wait_for_commit(self) -> None:
        """Wait for the commit in flight."""
        if self._commit:
            await asyncio.wait([self._commit])

    async def close(self) -> None:
        """Cancel a batch that waits for a dependency; a batch that finishes still commits."""
        self._closing = True
        if self._batch:
            self._batch.cancelled.set()
        await self.wait_for_commit()

    @override
    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Drain, then fence; called by aiokafka before it rejoins the group."""
        if self._batch:
            self._batch.cancelled.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._drain_seconds):
                await self._idle.wait()
                await self.wait_for_commit()
        if self._batch:
            self._batch.fenced = True
        self.lag = 0
        self.assigned = 0 if revoked else self.assigned

    @override
    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Store the number of partitions; called by aiokafka after it has joined the group."""
        self.assigned = len(assigned)
        self.committed, self.identities = {}, {}
        self._on_assigned()


async def _once(attempt: Callable[[], Awaitable[None]]) -> None:
    await attempt()
