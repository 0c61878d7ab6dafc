"""Publishing with the strongest guarantee: keyed, acks=all, every confirmation awaited."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord

from shared.clock import milliseconds
from shared.errors import TransientError
from shared.events.envelope import LARGEST_DEAD_LETTER_BYTES, Outgoing
from shared.settings import KafkaSettings

Record = ConsumerRecord[bytes, bytes]
_STOP_SECONDS: Final = 5.0
_ANSWER_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record that can never be handled. `reason` is one of a few codes, `error` has no data."""

    record: Record
    reason: str
    error: str


class Publisher(Protocol):
    """Where handled batches are published."""

    async def publish(self, events: Sequence[Outgoing]) -> None:
        """Publish all; return when each is confirmed.

        Raises `TransientError` if any confirmation is missing; repeat the whole call.
        """


@dataclass(frozen=True, slots=True)
class DeadLetterOffice:
    """Addresses dead letters: which topic, and who gives up the record."""

    topic: str
    service_version: str

    def address(self, letter: DeadLetter, now: datetime) -> Outgoing:
        """Put a record into its envelope: key, value and headers byte for byte, plus ours."""
        record = letter.record
        ours = {
            "reason": letter.reason,
            "error": letter.error,
            "topic": record.topic,
            "partition": str(record.partition),
            "offset": str(record.offset),
            "service-version": self.service_version,
            "time": now.isoformat(timespec="milliseconds"),
            "attempts": "1",
        }
        value = record.value
        if record.key is None and value is None:  # the client refuses to send nothing at all
            value, ours["null-value"] = b"", "true"
        headers = [(f"x-dead-letter-{name}", text.encode()) for name, text in ours.items()]
        return Outgoing(self.topic, record.key, value, [*record.headers, *headers], now)


class KafkaPublisher:
    """A `Publisher` on a started producer."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer

    async def publish(self, events: Sequence[Outgoing]) -> None:
        """See `Publisher.publish`."""
        confirmations: list[asyncio.Future[Any]] = []
        try:
            for each in events:
                confirmations.append(await self._send(each))  # noqa: PERF401  # kept if one fails
        except KafkaError as error:
            raise TransientError from error
        finally:  # also what was sent before a failure has to be heard of
            outcomes = await asyncio.gather(*confirmations, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, KafkaError):
                raise TransientError from outcome
            if isinstance(outcome, BaseException):
                raise outcome

    async def is_reachable(self) -> bool:
        """Tell whether a broker answers."""
        try:
            await asyncio.wait_for(self._producer.client.fetch_all_metadata(), _ANSWER_SECONDS)
        except (KafkaError, TimeoutError):
            return False
        return True

    async def _send(self, event: Outgoing) -> "asyncio.Future[Any]":
        confirmation: asyncio.Future[Any] = await self._producer.send(
            event.topic,
            event.value,
            event.key,
            timestamp_ms=milliseconds(event.time),
            headers=list(event.headers),
        )
        return confirmation


@asynccontextmanager
async def open_publisher(settings: KafkaSettings) -> AsyncIterator[KafkaPublisher]:
    """Open a publisher; raises `TransientError` while Kafka cannot be reached.

    Without the idempotent producer: readers drop repeats by event id, and aiokafka's cannot
    recover a lost sequence (`docs/adr/0002`).
    """
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.bootstrap_servers,
        acks="all",
        enable_idempotence=False,
        max_batch_size=256 * 1024,
        max_request_size=LARGEST_DEAD_LETTER_BYTES,
        request_timeout_ms=10_000,
    )
    try:
        await producer.start()
    except KafkaError as error:
        await producer.stop()
        raise TransientError from error
    try:
        yield KafkaPublisher(producer)
    finally:
        # With Kafka down a flush never ends; what is unconfirmed is repeated anyway.
        with suppress(TimeoutError, KafkaError):
            await asyncio.wait_for(producer.stop(), _STOP_SECONDS)
