"""Watches the members of a consumer group in this process.

Their lag, records that are gone, and transactions that hold them.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from shared.consumer.rebalance import RebalanceListener
from shared.consumer.transactions import OpenTransactions

_LOOK_SECONDS: Final = 2.0
_ANSWER_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Member:
    """One subscriber with its listener. FastStream creates its consumer when it starts."""

    subscriber: Any
    listener: RebalanceListener
    transactions: OpenTransactions = field(default_factory=OpenTransactions)

    @property
    def consumer(self) -> AIOKafkaConsumer | None:
        """The live consumer, if there is one yet."""
        consumer: AIOKafkaConsumer | None = self.subscriber.consumer
        return consumer


async def watch_lag(
    members: Sequence[Member],
    on_out_of_range: Callable[[str], None],
    on_looked: Callable[[], None],
) -> None:
    """Store each member's lag in its listener, and what holds it, until cancelled.

    Calls `on_out_of_range` with the partitions whose next records are gone from the topic, and
    `on_looked` after each round.
    """
    while True:
        for member in members:
            if consumer := member.consumer:
                if gone := consumer.paused():  # see `shared.kafka.aiokafka_fixes`
                    on_out_of_range(", ".join(f"{tp.topic}/{tp.partition}" for tp in sorted(gone)))
                member.listener.lag = await _lag(consumer)
                member.transactions.look(consumer)
        on_looked()
        await asyncio.sleep(_LOOK_SECONDS)


async def _lag(consumer: AIOKafkaConsumer) -> int:
    """Return the number of records to consume; 0 while it is unknown, as when Kafka is down.

    Records behind an open transaction do not count: nobody may consume them yet.
    """
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            ends = await consumer.end_offsets(list(consumer.assignment()))
            return sum([end - await consumer.position(tp) for tp, end in ends.items()])
    except (KafkaError, TimeoutError):
        return 0
