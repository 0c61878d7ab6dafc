"""The batch consumer on FastStream, with its dangerous defaults overridden once.

FastStream's own defaults commit before handling, start at the end of a topic, drop a batch whose
header it cannot decode, and skip failed batches. Here: manual commits of explicit offsets after
all effects, `earliest`, raw records, one process error instead of a skipped batch.
"""

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import KafkaAckableMessage
from faststream.kafka.prometheus import KafkaPrometheusMiddleware

from shared import __version__
from shared.errors import AbandonedError, TransientError
from shared.events.envelope import Topic, dead_letter_topic
from shared.gate import Batch, Gate
from shared.handling import Sorted, Steps, Surroundings, handle_batch, next_offsets
from shared.kafka_fixes import apply_kafka_fixes
from shared.metrics import Metrics
from shared.publishing import DeadLetter, DeadLetterOffice, Publisher, Record
from shared.settings import ConsumerSettings, KafkaSettings

ProposalT = TypeVar("ProposalT")
KeptT = TypeVar("KeptT")
log = structlog.get_logger()

_COMMIT_SECONDS: Final = 10.0
# Longer than any outage that is waited out in place: heartbeats go on meanwhile.
_MAX_POLL_INTERVAL_MS: Final = 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Subscription(Generic[ProposalT, KeptT]):
    """What a service reads: one consumer group, all its topics, the steps for their events."""

    group: str
    topics: Sequence[Topic]
    steps: Steps[ProposalT, KeptT]


def die(error: BaseException) -> None:
    """End the process at once: to go on to the next batch would commit past this one."""
    log.critical("consumer.died", error=type(error).__name__, exc_info=error)
    os._exit(1)


class Consumer(Generic[ProposalT, KeptT]):
    """Consumes one subscription with several subscribers: members of one group, in one process.

    Each takes one batch at a time, so order by partition holds while their batches overlap.
    """

    def __init__(
        self,
        settings: tuple[KafkaSettings, ConsumerSettings],
        subscription: Subscription[ProposalT, KeptT],
        publisher: Publisher,
        metrics: Metrics,
        now: Callable[[], datetime],
    ) -> None:
        apply_kafka_fixes()
        self._settings = settings[1]
        self._subscription = subscription
        self._publisher = publisher
        self._metrics = metrics
        self._now = now
        self._office = DeadLetterOffice(dead_letter_topic(subscription.group).name, __version__)
        self._gates = [
            Gate(self._settings.drain_seconds) for _ in range(self._settings.subscribers)
        ]
        self._broker = self._new_broker(settings[0])
        for gate in self._gates:
            self._subscribe(gate)

    def _new_broker(self, kafka: KafkaSettings) -> KafkaBroker:
        return KafkaBroker(
            kafka.bootstrap_servers.split(","),
            consumer_only=True,
            allow_auto_create_topics=False,
            apply_types=False,
            graceful_timeout=self._settings.stop_seconds,
            logger=None,
            middlewares=[
                KafkaPrometheusMiddleware(
                    registry=self._metrics.registry, app_name=self._metrics.service
                )
            ],
        )

    def _subscribe(self, gate: Gate) -> None:
        session_ms = int(self._settings.session_timeout_seconds * 1000)
        drain_ms = int(self._settings.drain_seconds * 1000)

        async def parse(records: Sequence[Record]) -> KafkaAckableMessage:
            # The records themselves, nothing decoded. An empty body costs the middleware nothing.
            return KafkaAckableMessage(
                raw_message=records,
                body=b"",
                consumer=subscriber.consumer,
                correlation_id="-",
                message_id="-",
            )

        async def pass_through(message: Any) -> Any:
            return message

        async def handle(message: Any) -> None:
            with gate.batch() as batch:
                await self._handle(message.raw_message, message.consumer, batch)

        subscriber = self._broker.subscriber(
            *(each.name for each in self._subscription.topics),
            batch=True,
            max_records=self._settings.batch_records,
            batch_timeout_ms=int(self._settings.batch_wait_seconds * 1000),
            group_id=self._subscription.group,
            auto_offset_reset="earliest",
            ack_policy=AckPolicy.MANUAL,
            listener=gate,
            session_timeout_ms=session_ms,
            heartbeat_interval_ms=session_ms // 12,  # how soon a member hears of a rebalance,
            rebalance_timeout_ms=2 * drain_ms + session_ms,
            max_poll_interval_ms=_MAX_POLL_INTERVAL_MS,
            fetch_max_bytes=16 * 1024 * 1024,
            parser=parse,
            decoder=pass_through,
        )
        subscriber(handle)

    async def start(self) -> None:
        """Join the group; raises `TransientError` while Kafka cannot be reached."""
        try:
            await self._broker.start()
        except KafkaError as error:
            await self._broker.stop()
            raise TransientError from error

    async def stop(self) -> None:
        """Finish and commit the running batches, then leave the group; bounded in time."""
        for gate in self._gates:
            gate.close()
        try:
            await self._broker.stop()
        except asyncio.CancelledError:
            # aiokafka lets the cancellation of its own fetch task out.
            if (task := asyncio.current_task()) and task.cancelling():
                raise

    @property
    def has_joined(self) -> bool:
        """Whether every subscriber is a member of the group, with or without partitions."""
        return all(gate.assigned is not None for gate in self._gates)

    async def _handle(
        self, records: Sequence[Record], consumer: AIOKafkaConsumer, batch: Batch
    ) -> None:
        started = time.perf_counter()
        around = Surroundings(self._publisher, self._address, batch.giving_up, self._count_retry)
        try:
            handled = await handle_batch(records, self._subscription.steps, around)
        except AbandonedError:
            return  # nothing is committed: the next owner of the partitions reads again
        except Exception as error:  # noqa: BLE001  # see `die`
            die(error)
            return
        self._measure(handled, len(records), started)
        if not batch.fenced:
            await self._commit(consumer, next_offsets(records))

    async def _commit(self, consumer: AIOKafkaConsumer, offsets: dict[TopicPartition, int]) -> None:
        try:
            await asyncio.wait_for(consumer.commit(offsets), _COMMIT_SECONDS)
        except (KafkaError, IllegalStateError, TimeoutError) as error:
            # Harmless: the records come again, and what they lead to is known.
            self._metrics.commit_failures.labels(self._metrics.service, self._group).inc()
            log.warning("commit.failed", error=type(error).__name__)

    @property
    def _group(self) -> str:
        return self._subscription.group

    def _address(self, letter: DeadLetter) -> Any:
        return self._office.address(letter, self._now())

    def _count_retry(self, error: str) -> None:
        self._metrics.retries.labels(self._metrics.service, error).inc()

    def _measure(self, handled: Sorted[Any], records: int, started: float) -> None:
        metrics, service = self._metrics, self._metrics.service
        metrics.batch_size.labels(service).observe(records)
        metrics.batch_seconds.labels(service).observe(time.perf_counter() - started)
        metrics.skipped.labels(service).inc(handled.skipped)
        metrics.last_progress.labels(service, self._group).set(time.time())
        metrics.assigned.labels(service, self._group).set(
            sum(gate.assigned or 0 for gate in self._gates)
        )
        now_ms = time.time() * 1000
        for event in handled.events:
            age_seconds = max(0.0, now_ms - event.time_ms) / 1000
            metrics.event_age.labels(service, event.type).observe(age_seconds)
        for letter in handled.dead:
            self._report(letter)

    def _report(self, letter: DeadLetter) -> None:
        record = letter.record
        self._metrics.dead_letters.labels(self._metrics.service, record.topic, letter.reason).inc()
        log.error(
            "record.dead_lettered",
            reason=letter.reason,
            error=letter.error,
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
        )
