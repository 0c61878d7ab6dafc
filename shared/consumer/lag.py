"""Watches the members of a consumer group in this process.

Their lag, records that are gone, transactions that hold them, and topics that were made anew.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from shared.consumer.metrics import BatchMetrics
from shared.consumer.rebalance import RebalanceListener
from shared.consumer.topic_check import OtherTopicError, TopicCheck
from shared.consumer.transactions import OpenTransactions
from shared.errors import TransientError

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


class Halt(Protocol):
    """Stops the consumer for a reason, until a person acts."""

    def __call__(self, because: str, **details: object) -> None: ...  # noqa: D102


@dataclass(slots=True)
class Watch:
    """Looks at the members every two seconds, and halts the consumer where they must not go on.

    Each member's lag is stored in its listener. `held_at` is where transactions have held members
    for longer than `open_transaction_seconds`.
    """

    members: Sequence[Member]
    topics: TopicCheck
    metrics: BatchMetrics
    halt: Halt
    open_transaction_seconds: float
    held_at: list[str] = field(default_factory=list)

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            # First, as offsets of another topic may be out of the range of this one, too.
            await self._look_at_topics()
            live = [(each, each.consumer) for each in self.members if each.consumer]
            for member, consumer in live:
                self._look_at(member, consumer)
            lags = await _lags([consumer for _, consumer in live])
            for (member, _), lag in zip(live, lags, strict=True):
                member.listener.lag = lag
            self._report_members()
            self._report_transactions()
            await asyncio.sleep(_LOOK_SECONDS)

    def _look_at(self, member: Member, consumer: AIOKafkaConsumer) -> None:
        if gone := consumer.paused():  # see `shared.kafka.aiokafka_fixes`
            places = ", ".join(f"{tp.topic}/{tp.partition}" for tp in sorted(gone))
            self.halt("offset-out-of-range", partitions=places)
        member.transactions.look(consumer)

    def _report_members(self) -> None:
        # Not what was assigned last: a member that has left its group has nothing any more.
        consumers = [each.consumer for each in self.members]
        self.metrics.show(
            partitions=sum(len(each.assignment()) for each in consumers if each),
            lag=sum(each.listener.lag for each in self.members),
        )

    def _report_transactions(self) -> None:
        held = [each.transactions for each in self.members]
        self.metrics.held([each.seconds_by_topic() for each in held])
        before, limit = self.held_at, self.open_transaction_seconds
        self.held_at = [place for each in held for place in each.longer_than(limit)]
        if new := sorted(set(self.held_at) - set(before)):
            self.metrics.open_transaction(new)

    async def _look_at_topics(self) -> None:
        try:
            with suppress(TransientError):  # while Kafka is away, nothing is read either
                await self.topics.look()
        except OtherTopicError as error:
            self.halt(error.because, **error.details)


async def _lags(consumers: Sequence[AIOKafkaConsumer]) -> list[int]:
    """Return the number of records that each has to consume; one request asks for all of them.

    It is 0 while it is unknown, as when Kafka is down. Records behind an open transaction do not
    count: nobody may consume them yet.
    """
    assigned = [tp for each in consumers for tp in each.assignment()]
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            ends = await consumers[0].end_offsets(assigned) if assigned else {}
            return [await _lag(each, ends) for each in consumers]
    except (KafkaError, TimeoutError):
        return [0] * len(consumers)


async def _lag(consumer: AIOKafkaConsumer, ends: Mapping[TopicPartition, int]) -> int:
    known = ends.keys() & consumer.assignment()
    return sum([ends[each] - await consumer.position(each) for each in known])
