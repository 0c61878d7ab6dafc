"""The consumer of a service: handles batches, and commits explicit offsets after all effects.

A failure ends in one of four ways: a bad record becomes a dead letter, an outage is waited out,
too many dead letters or missing records halt the consumer, and anything else ends the process.
"""

import asyncio
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from traceback import format_tb
from typing import Final, Generic, TypeVar

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import IllegalStateError, KafkaError

from shared import __version__
from shared.consumer.breaker import Breaker, BreakerOpenError
from shared.consumer.dead_letters import DeadLetterEnvelope
from shared.consumer.handling import BatchHandler, Handler, Retry
from shared.consumer.lag import Member, watch_lag
from shared.consumer.metrics import BatchMetrics
from shared.consumer.positions import Offsets, next_offsets, positions
from shared.consumer.rebalance import Batch, RebalanceListener
from shared.consumer.stale_members import remove_stale_members
from shared.consumer.subscriber import GroupConfig, new_broker, subscribe
from shared.consumer.watchdog import Watchdog
from shared.errors import AbandonedError, TransientError
from shared.events.envelope import Topic, redrive_topic
from shared.kafka.aiokafka_fixes import apply_kafka_fixes
from shared.kafka.publisher import Publisher
from shared.kafka.record import KafkaRecord
from shared.metrics import Metrics
from shared.settings import ConsumerSettings, KafkaSettings

ProposalT = TypeVar("ProposalT")
KeptT = TypeVar("KeptT")
log = structlog.get_logger()

_COMMIT_SECONDS: Final = 10.0
_CLOSING_SECONDS: Final = 3.0


@dataclass(frozen=True, slots=True)
class ConsumerConfig:
    """The brokers, how to consume, and the client id if the settings name none."""

    kafka: KafkaSettings
    consumer: ConsumerSettings
    default_client_id: str


@dataclass(frozen=True, slots=True)
class Subscription(Generic[ProposalT, KeptT]):
    """What a service reads: one consumer group, all its topics, the handler of their events."""

    group: str
    topics: Sequence[Topic]
    handler: Handler[ProposalT, KeptT]

    @property
    def all_topics(self) -> Sequence[Topic]:
        """The topics of other services, and the topic of the group's own redrives."""
        return [*self.topics, redrive_topic(self.group)]


def exit_process(error: BaseException) -> None:
    """End the process at once: going on to the next batch would commit past this one.

    The log has the stack and the kinds of the errors. Their texts may hold personal data.
    """
    kinds = [type(each).__name__ for each in _with_causes(error)]
    places = [line for each in _with_causes(error) for line in format_tb(each.__traceback__)]
    log.critical("consumer.died", error=kinds[0], caused_by=kinds[1:], stack="".join(places))
    os._exit(1)


def _with_causes(error: BaseException | None) -> Iterator[BaseException]:
    while error:
        yield error
        error = error.__cause__ or error.__context__


class Consumer(Generic[ProposalT, KeptT]):
    """Consumes one subscription with several subscribers: members of one group, in one process.

    Each subscriber handles one batch at a time, so batches of different members overlap and each
    partition keeps its order.
    """

    def __init__(
        self,
        config: ConsumerConfig,
        subscription: Subscription[ProposalT, KeptT],
        publisher: Publisher,
        metrics: Metrics,
        now: Callable[[], datetime],
    ) -> None:
        apply_kafka_fixes()
        self._kafka, self._settings = config.kafka, config.consumer
        topics = [each.name for each in subscription.all_topics]
        self._metrics = BatchMetrics(metrics, subscription.group, topics)
        self._handler = BatchHandler(
            subscription.handler,
            publisher,
            DeadLetterEnvelope(subscription.group, __version__),
            Breaker(self._settings.dead_letters_in_a_row, self._settings.dead_letter_share),
            now,
        )
        self._halted = asyncio.Event()
        self._held_at: list[str] = []
        self._watching_lag: asyncio.Task[None] | None = None
        self.halted_because = ""
        client_id = self._settings.client_id or config.default_client_id
        self._group = GroupConfig(
            subscription.group, subscription.all_topics, self._settings, client_id
        )
        self._broker = new_broker(self._kafka, self._group, metrics)
        self._members = [self._new_member(number) for number in range(self._settings.subscribers)]
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
        self._watching_lag = asyncio.create_task(
            watch_lag(self._members, self._on_out_of_range, self._on_looked)
        )

    async def stop(self) -> None:
        """Finish and commit the running batches, then leave the group; bounded in time."""
        if self._watching_lag:
            self._watching_lag.cancel()
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
        return not self._held_at

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
            if records and not await self._handled(records, batch, listener):
                return  # nothing is committed: the next owner of the partitions reads again
            await listener.settled()  # with the last commit done it is known what is left
            if offsets := next_offsets(records, read, listener.committed):
                await listener.commit(batch, lambda: self._commit(consumer, listener, offsets))

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

    def _on_out_of_range(self, partitions: str) -> None:
        self._halt("offset-out-of-range", partitions=partitions)

    def _on_looked(self) -> None:
        held = [each.transactions for each in self._members]
        self._metrics.held([each.seconds_by_topic() for each in held])
        limit = self._settings.open_transaction_seconds
        before, self._held_at = (
            self._held_at,
            [at for each in held for at in each.longer_than(limit)],
        )
        if new := sorted(set(self._held_at) - set(before)):
            self._metrics.open_transaction(new)

    def _halt(self, because: str, **details: object) -> None:
        if not self.halted_because:
            self.halted_because = because
            self._metrics.stopped(because, **details)
            self._halted.set()

    async def _commit(
        self, consumer: AIOKafkaConsumer, listener: RebalanceListener, offsets: Offsets
    ) -> None:
        committed = listener.committed
        try:
            await asyncio.wait_for(consumer.commit(offsets), _COMMIT_SECONDS)
        except (KafkaError, IllegalStateError, TimeoutError) as error:
            # Safe to ignore: the records are redelivered, and handling is idempotent.
            self._metrics.commit_failed(type(error).__name__)
        else:
            committed |= offsets

    def _on_assigned(self) -> None:
        self._metrics.rebalances.inc()
        self._metrics.assigned.set(sum(each.listener.assigned or 0 for each in self._members))
