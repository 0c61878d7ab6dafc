"""The batch consumer: handles what its group reads, and commits explicit offsets after all effects.

Whatever cannot be handled ends in one of four ways: a bad record is dead-lettered, an outage is
waited out, too many dead letters or lost records halt the consumer, anything else ends the process.
"""

import asyncio
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from traceback import format_tb
from typing import Any, Final, Generic, TypeVar

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError

from shared import __version__
from shared.consumer.breaker import Breaker, BreakerOpenError
from shared.consumer.dead_letters import DeadLetterOffice
from shared.consumer.handling import Steps, Surroundings, handle_batch
from shared.consumer.lag import Member, look_after
from shared.consumer.metrics import BatchMetrics
from shared.consumer.parsing import Sorted, next_offsets
from shared.consumer.rebalance import Batch, Gate
from shared.consumer.stale_members import process_name, remove_former_members
from shared.consumer.subscriber import Seat, new_broker, subscribe
from shared.consumer.watchdog import Watchdog
from shared.errors import AbandonedError, TransientError
from shared.events.envelope import Topic, redrive_topic
from shared.kafka.aiokafka_fixes import apply_kafka_fixes
from shared.kafka.publisher import Publisher
from shared.kafka.record import Record
from shared.metrics import Metrics
from shared.settings import ConsumerSettings, KafkaSettings

ProposalT = TypeVar("ProposalT")
KeptT = TypeVar("KeptT")
log = structlog.get_logger()

_COMMIT_SECONDS: Final = 10.0
_CLOSING_SECONDS: Final = 3.0


@dataclass(frozen=True, slots=True)
class Subscription(Generic[ProposalT, KeptT]):
    """What a service reads: one consumer group, all its topics, the steps for their events."""

    group: str
    topics: Sequence[Topic]
    steps: Steps[ProposalT, KeptT]

    @property
    def all_topics(self) -> Sequence[Topic]:
        """The topics of others, and the one on which the group's own dead letters come back."""
        return [*self.topics, redrive_topic(self.group)]


def die(error: BaseException) -> None:
    """End the process at once: to go on to the next batch would commit past this one.

    The log names where it happened and the kinds of the errors; their texts may hold personal data.
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
        self._kafka, self._settings = settings
        self._subscription = subscription
        self._publisher = publisher
        self._measures = BatchMetrics(metrics, subscription.group)
        self._now = now
        self._office = DeadLetterOffice(subscription.group, __version__)
        self._breaker = Breaker(
            self._settings.dead_letters_in_a_row, self._settings.dead_letter_share
        )
        self._halted = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None
        self.halted_because = ""
        client_id = self._settings.client_id or process_name()
        self._seat = Seat(subscription.group, subscription.all_topics, self._settings, client_id)
        self._broker = new_broker(self._kafka, self._seat, metrics)
        self._members = [self._new_member(number) for number in range(self._settings.subscribers)]
        self._watchdog = Watchdog(
            [each.gate for each in self._members], self._settings.stuck_seconds
        )

    def _new_member(self, number: int) -> Member:
        gate = Gate(self._settings.drain_seconds, self._on_assigned)

        async def handle(records: Sequence[Record], consumer: AIOKafkaConsumer) -> None:
            await self._handle(records, consumer, gate)

        return Member(subscribe(self._broker, self._seat, number, gate, handle), gate)

    async def start(self) -> None:
        """Join the group; raises `TransientError` while Kafka cannot be reached."""
        if not self._settings.instance_id:  # a static member takes its own place by itself
            await remove_former_members(self._kafka, self._seat.group, self._seat.client_id)
        try:
            await self._broker.start()
        except KafkaError as error:
            await self._broker.stop()
            raise TransientError from error
        self._watchdog.start()
        self._looking = asyncio.create_task(look_after(self._members, self._on_out_of_range))

    async def stop(self) -> None:
        """Finish and commit the running batches, then leave the group; bounded in time."""
        if self._looking:
            self._looking.cancel()
        self._watchdog.stop()
        with suppress(TimeoutError):  # a commit that is not done by then makes records come again
            async with asyncio.timeout(_CLOSING_SECONDS):
                await asyncio.gather(*(each.gate.close() for each in self._members))
        try:
            await self._broker.stop()
        except asyncio.CancelledError:
            # aiokafka lets the cancellation of its own fetch task out.
            if (task := asyncio.current_task()) and task.cancelling():
                raise

    async def halted(self) -> None:
        """Wait until the consumer has stopped by itself; `halted_because` then says why."""
        await self._halted.wait()

    @property
    def has_joined(self) -> bool:
        """Whether every subscriber is a member of the group, with or without partitions."""
        return all(each.gate.assigned is not None for each in self._members)

    async def is_getting_on(self) -> bool:
        """Tell whether no batch waits for a dependency, be it reachable or not."""
        return not any(each.gate.is_retrying for each in self._members)

    async def _handle(
        self, records: Sequence[Record], consumer: AIOKafkaConsumer, gate: Gate
    ) -> None:
        if self.halted_because:
            return  # the next start reads these again
        started = time.perf_counter()
        with gate.batch() as batch:
            try:
                handled = await self._handled(records, batch, gate)
            except AbandonedError:
                return  # nothing is committed: the next owner of the partitions reads again
            except BreakerOpenError as error:
                self._halt("dead-letter-breaker", **error.first.log_fields())
                return
            except Exception as error:  # noqa: BLE001  # see `die`
                die(error)
                return
            self._measures.handled(handled, started)
            offsets = next_offsets(records)
            await gate.commit(batch, lambda: self._commit(consumer, offsets))

    async def _handled(
        self, records: Sequence[Record], batch: Batch, gate: Gate
    ) -> Sorted[ProposalT]:
        def on_retry(error: str) -> None:
            gate.pulse += 1
            gate.is_retrying = True
            self._measures.retried(error)

        around = Surroundings(
            self._publisher,
            lambda letter: self._office.address(letter, self._now()),
            batch.giving_up,
            on_retry,
            self._office.returned,
            self._admit,
        )
        handled = await handle_batch(records, self._subscription.steps, around)
        self._breaker.count(handled.given_up)
        return handled

    def _admit(self, batch: Sorted[Any]) -> None:
        if self._breaker.trips(batch.given_up):
            raise BreakerOpenError(batch.dead[0])

    def _on_out_of_range(self, partitions: str) -> None:
        self._halt("offset-out-of-range", partitions=partitions)

    def _halt(self, because: str, **details: object) -> None:
        if not self.halted_because:
            self.halted_because = because
            self._measures.stopped(because, **details)
            self._halted.set()

    async def _commit(self, consumer: AIOKafkaConsumer, offsets: dict[TopicPartition, int]) -> None:
        try:
            await asyncio.wait_for(consumer.commit(offsets), _COMMIT_SECONDS)
        except (KafkaError, IllegalStateError, TimeoutError) as error:
            # Harmless: the records come again, and what they lead to is known.
            self._measures.commit_failed(type(error).__name__)

    def _on_assigned(self) -> None:
        self._measures.rebalances.inc()
        self._measures.assigned.set(sum(each.gate.assigned or 0 for each in self._members))
