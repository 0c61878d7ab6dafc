"""The consumer of a service: handles batches, and commits explicit offsets after all effects.

A failure ends in one of four ways: a bad record becomes a dead letter, an outage is waited out,
too many dead letters or missing records halt the consumer, and anything else ends the process.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final, Generic, TypeVar

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import IllegalStateError, KafkaError

from shared import __version__
from shared.consumer.breaker import Breaker, BreakerOpenError
from shared.consumer.dead_letters import DeadLetterEnvelope
from shared.consumer.exit import exit_process
from shared.consumer.handling import BatchHandler, Handler, Retry
from shared.consumer.lag import Member, Watch
from shared.consumer.metrics import BatchMetrics
from shared.consumer.positions import Offsets, next_offsets, positions
from shared.consumer.rebalance import Batch, RebalanceListener
from shared.consumer.stale_members import remove_stale_members
from shared.consumer.subscriber import GroupConfig, new_broker, subscribe
from shared.consumer.topic_check import (
    Commits,
    OtherTopicError,
    TopicCheck,
    commits,
    unverified_partitions,
)
from shared.consumer.watchdog import Watchdog
from shared.errors import AbandonedError, TransientError
from shared.events.envelope import Topic, redrive_topic
from shared.kafka.aiokafka_fixes import apply_kafka_fixes
from shared.kafka.publisher import Publisher
from shared.kafka.record import KafkaRecord
from shared.kafka.topic_ids import TopicIds
from shared.metrics import Metrics
from shared.settings import ConsumerSettings, KafkaSettings

ProposalT = TypeVar("ProposalT")
StoredT = TypeVar("StoredT")

_COMMIT_SECONDS: Final = 10.0
_CLOSING_SECONDS: Final = 3.0


@dataclass(frozen=True, slots=True)
class ConsumerConfig:
    """The brokers, how to consume, and the client id if the settings name none."""

    kafka: KafkaSettings
    consumer: ConsumerSettings
    default_client_id: str


@dataclass(frozen=True, slots=True)
class Subscription(Generic[ProposalT, StoredT]):
    """What a service reads: one consumer group, all its topics, the handler of their events.

    Under load a batch has the records of `gather_seconds`; at rest each record is handled at once.
    Each of the `subscribers` is a member of the group: their batches overlap, and each costs the
    brokers and this process requests, at rest too.
    """

    group: str
    topics: Sequence[Topic]
    handler: Handler[ProposalT, StoredT]
    gather_seconds: float = 0.05
    subscribers: int = 3

    @property
    def all_topics(self) -> Sequence[Topic]:
        """The topics of other services, and the topic of the group's own redrives."""
        return [*self.topics, redrive_topic(self.group)]


class Consumer(Generic[ProposalT, StoredT]):
    """Consumes one subscription with several subscribers: members of one group, in one process.

    Each subscriber handles one batch at a time, so batches of different members overlap and each
    partition keeps its order.
    """

    def __init__(
        self,
        config: ConsumerConfig,
        subscription: Subscription[ProposalT, StoredT],
        publisher: Publisher,
        metrics: Metrics,
        now: Callable[[], datetime],
    ) -> None:
        apply_kafka_fixes()
        self._kafka, self._settings = config.kafka, config.consumer
        topics = [each.name for each in subscription.all_topics]
        event_types = subscription.handler.parsers
        self._metrics = BatchMetrics(metrics, subscription.group, topics, event_types)
        self._handler = BatchHandler(
            subscription.handler,
            publisher,
            DeadLetterEnvelope(subscription.group, __version__),
            Breaker(self._settings.dead_letters_in_a_row, self._settings.dead_letter_share),
            now,
        )
        self._topic_ids = TopicIds(self._kafka)
        self._topics = TopicCheck(self._topic_ids)
        self._halted = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None
        self.halted_because = ""
        client_id = self._settings.client_id or config.default_client_id
        self._group = GroupConfig(
            subscription.group,
            subscription.all_topics,
            self._settings,
            client_id,
            subscription.gather_seconds,
        )
        self._broker = new_broker(self._kafka, self._group, metrics)
        members = self._settings.subscribers or subscription.subscribers
        self._members = [self._new_member(number) for number in range(members)]
        self._watch = Watch(
            self._members,
            self._topics,
            self._metrics,
            self._halt,
            self._settings.open_transaction_seconds,
        )
        self._watchdog = Watchdog(
            [each.listener for each in self._members], self._settings.stuck_seconds
        )

    def _new_member(self, number: int) -> Member:
        listener = RebalanceListener(self._settings.drain_seconds, self._on_assigned)

        async def handle(records: Sequence[KafkaRecord], consumer: AIOKafkaConsumer) -> None:
            await self._handle(records, consumer, listener)

        return Member(subscribe(self._broker, self._group, number, listener, handle), listener)

    async def start(self) -> None:
        """Join the group; raises `TransientError` while Kafka cannot be reached."""
        if not self._settings.instance_id:  # a static member takes its own place by itself
            await remove_stale_members(self._kafka, self._group.group, self._group.client_id)
        try:
            await self._broker.start()
        except KafkaError as error:
            await self._broker.stop()
            raise TransientError from error
        self._watchdog.start()
        self._watching = asyncio.create_task(self._watch.run())

    async def stop(self) -> None:
        """Finish and commit the running batches, then leave the group; bounded in time."""
        if self._watching:
            self._watching.cancel()
        self._watchdog.stop()
        with suppress(TimeoutError):  # without its commit a batch is redelivered
            async with asyncio.timeout(_CLOSING_SECONDS):
                await asyncio.gather(*(each.listener.close() for each in self._members))
        try:
            await self._broker.stop()
        except asyncio.CancelledError:
            # aiokafka lets the cancellation of its own fetch task out.
            if (task := asyncio.current_task()) and task.cancelling():
                raise
        finally:
            self._metrics.show(partitions=0, lag=0)
            await self._topic_ids.close()

    async def halted(self) -> None:
        """Wait until the consumer has stopped by itself; `halted_because` then has the reason."""
        await self._halted.wait()

    @property
    def has_joined(self) -> bool:
        """Whether every subscriber is a member of the group, with or without partitions."""
        return all(each.listener.assigned is not None for each in self._members)

    async def is_progressing(self) -> bool:
        """Return whether no batch waits for a dependency, reachable or not."""
        return not any(each.listener.is_retrying for each in self._members)

    async def is_free_of_transactions(self) -> bool:
        """Return whether no transaction has held a partition for too long."""
        return not self._watch.held_at

    async def _handle(
        self,
        records: Sequence[KafkaRecord],
        consumer: AIOKafkaConsumer,
        listener: RebalanceListener,
    ) -> None:
        if self.halted_because:
            return  # the next start reads these again
        read = positions(consumer)
        with listener.batch() as batch:
            if not await self._verified(consumer, batch, listener):
                return
            committed, identities = listener.committed, listener.identities
            if records and not await self._handled(records, batch, listener):
                return  # nothing is committed: the next owner of the partitions reads again
            await listener.wait_for_commit()  # with the last commit done it is known what is left
            if offsets := next_offsets(records, read, committed):
                attempt = partial(self._commit, consumer, committed, commits(offsets, identities))
                await listener.commit(batch, attempt)

    async def _verified(
        self, consumer: AIOKafkaConsumer, batch: Batch, listener: RebalanceListener
    ) -> bool:
        """Return whether all positions belong to the topics that are read; halt if one does not."""
        if not unverified_partitions(consumer, listener):
            return True
        try:
            retry = self._retry(batch, listener)
            await retry.until_done(lambda: self._topics.verify(consumer, listener))
        except AbandonedError:
            return False
        except OtherTopicError as error:
            self._halt(error.because, **error.details)
            return False
        return True

    async def _handled(
        self, records: Sequence[KafkaRecord], batch: Batch, listener: RebalanceListener
    ) -> bool:
        started = time.perf_counter()
        try:
            handled = await self._handler.handle(records, self._retry(batch, listener))
        except AbandonedError:
            return False
        except BreakerOpenError as error:
            self._halt("dead-letter-breaker", **error.first.log_fields())
            return False
        except Exception as error:  # noqa: BLE001  # see `exit_process`
            exit_process(error)
            return False
        self._metrics.handled(handled, started)
        return True

    def _retry(self, batch: Batch, listener: RebalanceListener) -> Retry:
        def on_retry(error: str) -> None:
            listener.pulse += 1
            listener.is_retrying = True
            self._metrics.retried(error)

        return Retry(batch.cancelled, on_retry)

    def _halt(self, because: str, **details: object) -> None:
        if not self.halted_because:
            self.halted_because = because
            self._metrics.stopped(because, **details)
            self._halted.set()

    async def _commit(self, consumer: AIOKafkaConsumer, committed: Offsets, now: Commits) -> None:
        try:
            await asyncio.wait_for(consumer.commit(now), _COMMIT_SECONDS)
        except (KafkaError, IllegalStateError, TimeoutError) as error:
            # Safe to ignore: the records are redelivered, and handling is idempotent.
            self._metrics.commit_failed(type(error).__name__)
        else:
            self._topics.note(now)
            committed |= {partition: offset for partition, (offset, _) in now.items()}

    def _on_assigned(self) -> None:
        self._metrics.rebalanced(sum(each.listener.assigned or 0 for each in self._members))
