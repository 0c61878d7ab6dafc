"""Publishes with the strongest guarantee: keyed, acks=all, every confirmation awaited."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, Protocol

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from murmurhash2 import murmurhash2

from shared.clock import milliseconds, utc_now
from shared.errors import TransientError
from shared.events.envelope import LARGEST_DEAD_LETTER_BYTES, Outgoing, recorded
from shared.kafka.tracing import PublishTrace
from shared.settings import KafkaSettings

_SEED: Final = 0x9747B28C

_STOP_SECONDS: Final = 5.0
_ANSWER_SECONDS: Final = 2.0
_BATCH_BYTES: Final = 256 * 1024


class Publisher(Protocol):
    """Publishes events."""

    async def publish(self, events: Sequence[Outgoing]) -> None:
        """Publish all events, in order for each key; return once every one is confirmed.

        Raises `TransientError` if a confirmation is missing: repeat the whole call.
        """


class KafkaPublisher:
    """A `Publisher` on a started producer.

    Builds the batches itself, per partition: half the work of sending record by record.
    """

    def __init__(
        self, producer: AIOKafkaProducer, on_failure: Callable[[], None] = lambda: None
    ) -> None:
        self._producer = producer
        self._on_failure = on_failure

    async def publish(self, events: Sequence[Outgoing]) -> None:
        """See `Publisher.publish`."""
        trace = PublishTrace()
        try:
            await self._publish(events)
        except TransientError:
            self._on_failure()
            raise
        trace.end(events)

    async def _publish(self, events: Sequence[Outgoing]) -> None:
        confirmations: list[asyncio.Future[Any]] = []
        try:
            for (topic, partition), group in (await self._by_partition(events)).items():
                await self._send(topic, partition, group, confirmations)
        except KafkaError as error:
            raise TransientError from error
        finally:  # what was sent before a failure is awaited, too
            outcomes = await asyncio.gather(*confirmations, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, KafkaError):
                raise TransientError from outcome
            if isinstance(outcome, BaseException):
                raise outcome

    async def is_reachable(self) -> bool:
        """Return whether a broker answers."""
        try:
            await asyncio.wait_for(self._producer.client.fetch_all_metadata(), _ANSWER_SECONDS)
        except (KafkaError, TimeoutError):
            return False
        return True

    async def _by_partition(
        self, events: Sequence[Outgoing]
    ) -> Mapping[tuple[str, int], list[Outgoing]]:
        counts = {
            topic: len(await self._producer.partitions_for(topic))
            for topic in {each.topic for each in events}
        }
        groups: dict[tuple[str, int], list[Outgoing]] = {}
        for each in events:
            partition = partition_of(each.key or b"", counts[each.topic])
            groups.setdefault((each.topic, partition), []).append(each)
        return groups

    async def _send(
        self,
        topic: str,
        partition: int,
        events: Sequence[Outgoing],
        confirmations: "list[asyncio.Future[Any]]",
    ) -> None:
        batch, now = self._producer.create_batch(), recorded(utc_now())
        for each in events:
            if not _fits(batch, each, now):
                confirmations.append(
                    await self._producer.send_batch(batch, topic, partition=partition)
                )
                batch = self._producer.create_batch()
                _fits(batch, each, now)  # an empty batch takes an event of any size
        confirmations.append(await self._producer.send_batch(batch, topic, partition=partition))


def _fits(batch: Any, event: Outgoing, now: tuple[str, bytes]) -> bool:
    """Append an event to a batch, unless it is full; the header `now` says when."""
    appended = batch.append(
        timestamp=milliseconds(event.time),
        key=event.key,
        value=event.value,
        headers=[*event.headers, now],  # the last one counts: a dead letter has its record's, too
    )
    return appended is not None


@asynccontextmanager
async def open_publisher(
    settings: KafkaSettings, on_failure: Callable[[], None] = lambda: None
) -> AsyncIterator[KafkaPublisher]:
    """Open a publisher; raises `TransientError` while Kafka is unreachable.

    `on_failure` is called after every publication that was not confirmed.

    The idempotent producer is off: readers drop repeats by event id, and aiokafka's implementation
    cannot recover from a lost sequence number (`docs/adr/0002`).
    """
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.bootstrap_servers,
        acks="all",
        enable_idempotence=False,
        max_batch_size=_BATCH_BYTES,
        max_request_size=LARGEST_DEAD_LETTER_BYTES,
        request_timeout_ms=10_000,
    )
    try:
        await producer.start()
    except KafkaError as error:
        await producer.stop()
        raise TransientError from error
    try:
        yield KafkaPublisher(producer, on_failure)
    finally:
        # With Kafka down the flush never ends. Unconfirmed events are published again anyway.
        with suppress(TimeoutError, KafkaError):
            await asyncio.wait_for(producer.stop(), _STOP_SECONDS)


def partition_of(key: bytes, partitions: int) -> int:
    """Return the partition of a key, as every Kafka client chooses it by default (murmur2)."""
    return (murmurhash2(key, _SEED) & 0x7FFFFFFF) % partitions
