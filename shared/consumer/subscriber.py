"""FastStream's Kafka subscriber, with its dangerous defaults overridden once.

FastStream's defaults commit before handling, start at the end of a topic, drop a batch with a
header that cannot be decoded, and skip failed batches. This subscriber commits manually, starts at
`earliest`, reads committed records only and passes raw records on. FastStream also sleeps after an
empty poll; this subscriber does not.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiokafka import AIOKafkaConsumer
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import KafkaAckableMessage
from faststream.kafka.prometheus import KafkaPrometheusMiddleware
from typing_extensions import override

from shared.consumer.pace import IDLE, Pace
from shared.consumer.rebalance import RebalanceListener
from shared.events.envelope import Topic
from shared.kafka.record import COMMITTED_ONLY, KafkaRecord
from shared.metrics import Metrics
from shared.settings import ConsumerSettings, KafkaSettings

# Longer than any outage that is waited out in place. Heartbeats continue meanwhile.
_MAX_POLL_INTERVAL_MS: Final = 24 * 3600 * 1000
_FETCH_BYTES: Final = 1024 * 1024
# In a session; Kafka recommends at least three. Members learn of a rebalance by a heartbeat, so it
# begins within a second by default.
_HEARTBEATS: Final = 6

Handle = Callable[[Sequence[KafkaRecord], AIOKafkaConsumer], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class GroupConfig:
    """The configuration that the members of one group in this process share.

    See `Pace` for `gather_seconds`.
    """

    group: str
    topics: Sequence[Topic]
    settings: ConsumerSettings
    client_id: str
    gather_seconds: float


class Broker(KafkaBroker):
    """A broker that starts its subscribers together, so that they join the group in one rebalance.

    FastStream starts them one after the other, and each start waits until its member has joined the
    group: a process that replaces a killed one would wait for two rebalances.
    """

    @override
    async def start(self) -> None:
        """Connect and start; raises the first error once every subscriber has started or failed."""
        await self.connect()
        started = await asyncio.gather(
            *(each.start() for each in self.subscribers), return_exceptions=True
        )
        self.running = True
        for outcome in started:
            if outcome is not None:
                raise outcome


def new_broker(kafka: KafkaSettings, group: GroupConfig, metrics: Metrics) -> KafkaBroker:
    """Build the broker that subscribers are registered with."""
    return Broker(
        kafka.bootstrap_servers.split(","),
        client_id=group.client_id,
        consumer_only=True,
        allow_auto_create_topics=False,
        apply_types=False,
        graceful_timeout=group.settings.stop_seconds,
        logger=None,
        middlewares=[
            KafkaPrometheusMiddleware(registry=metrics.registry, app_name=metrics.service)
        ],
    )


def subscribe(
    broker: KafkaBroker,
    group: GroupConfig,
    number: int,
    listener: RebalanceListener,
    handle: Handle,
) -> Any:
    """Register one more member of the group; `handle` gets one batch of raw records at a time.

    It gets an empty batch after a poll without records: positions may have moved nevertheless.
    """
    settings = group.settings
    pace = Pace(settings.batch_records, group.gather_seconds)
    session_ms = int(settings.session_timeout_seconds * 1000)
    drain_ms = int(settings.drain_seconds * 1000)
    instance = settings.instance_id

    async def parse(records: Sequence[KafkaRecord]) -> KafkaAckableMessage:
        # Raw records, nothing decoded. The middleware has no work with an empty body.
        return KafkaAckableMessage(
            raw_message=records,
            body=b"",
            consumer=subscriber.consumer,
            correlation_id="-",
            message_id="-",
        )

    async def pass_through(message: Any) -> Any:
        return message

    async def get_msg(consumer: AIOKafkaConsumer) -> tuple[KafkaRecord, ...]:
        records = await pace.poll(consumer)
        if not records:
            await handle(records, consumer)
        return records

    async def on_message(message: Any) -> None:
        records, message.raw_message = message.raw_message, ()
        # FastStream's message refers to itself and lives until the next garbage collection. The
        # records must not.
        await handle(records, message.consumer)

    subscriber = broker.subscriber(
        *(each.name for each in group.topics),
        batch=True,
        group_id=group.group,
        group_instance_id=f"{instance}-{number}" if instance else None,
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.MANUAL,
        listener=listener,
        session_timeout_ms=session_ms,
        heartbeat_interval_ms=session_ms // _HEARTBEATS,
        rebalance_timeout_ms=2 * drain_ms + session_ms,
        max_poll_interval_ms=_MAX_POLL_INTERVAL_MS,
        fetch_max_bytes=_FETCH_BYTES,
        fetch_max_wait_ms=IDLE.wait_ms,
        isolation_level=COMMITTED_ONLY,
        parser=parse,
        decoder=pass_through,
    )
    subscriber(on_message)
    subscriber.get_msg = get_msg  # type: ignore[method-assign]  # its own sleeps, see above
    return subscriber
