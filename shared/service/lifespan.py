"""What runs while a service is up: background work, the producer, the consumer."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import structlog

from shared.clock import utc_now
from shared.consumer.consumer import (
    Consumer,
    ConsumerConfig,
    ProposalT,
    StoredT,
    Subscription,
)
from shared.consumer.exit import exit_process
from shared.consumer.stale_members import process_name
from shared.errors import AbandonedError
from shared.events.envelope import Topic, dead_letter_topic
from shared.kafka.publisher import KafkaPublisher, open_publisher
from shared.kafka.topics import provide_topics
from shared.retry import retry_until_done
from shared.service.app import Service
from shared.settings import ConsumerSettings, HttpSettings, KafkaSettings
from shared.waiting import running_until

log = structlog.get_logger()


@asynccontextmanager
async def background(work: Callable[[asyncio.Event], Awaitable[None]]) -> AsyncIterator[None]:
    """Run `work` in the background while the block runs; then set its event and wait for its end.

    An error in `work` ends the process: a service must not look alive without its work.
    """
    closing = asyncio.Event()

    async def guarded() -> None:
        try:
            await work(closing)
        except AbandonedError:
            pass
        except Exception as error:  # noqa: BLE001  # see above
            exit_process(error)

    task = asyncio.create_task(guarded())
    try:
        yield
    finally:
        closing.set()
        await task


async def nothing_beside(_publisher: KafkaPublisher, _closing: asyncio.Event) -> None:
    """Stand in for `beside` in a service that publishes only what it handles."""


async def never_ready() -> bool:
    """The readiness check of something that has not started, or that has stopped permanently."""
    return False


@asynccontextmanager
async def producer_running(
    service: Service,
    owned: Iterable[Topic],
    use: Callable[[KafkaPublisher, asyncio.Event], Awaitable[None]],
) -> AsyncIterator[None]:
    """Connect to Kafka in the background, however long it takes; then run `use` with a publisher.

    Creates the topics in `owned` first. `use` must return once its event is set.
    """
    settings = KafkaSettings()
    failures = service.metrics.publish_failures.labels(service.name)

    async def work(closing: asyncio.Event) -> None:
        created = await retry_until_done(lambda: provide_topics(settings, owned), closing)
        if created:
            # Log: Topics that did not exist were created.
            log.info("topics.created", topics=created)
        async with AsyncExitStack() as stack:
            publisher = await retry_until_done(
                lambda: stack.enter_async_context(open_publisher(settings, failures.inc)), closing
            )
            service.readiness_checks["kafka"] = publisher.is_reachable
            await use(publisher, closing)

    service.readiness_checks["kafka"] = never_ready
    async with background(work):
        yield


@asynccontextmanager
async def consumer_running(
    service: Service,
    subscription: Subscription[ProposalT, StoredT],
    owned: Iterable[Topic],
    prepare: Callable[[], Awaitable[None]],
    beside: Callable[[KafkaPublisher, asyncio.Event], Awaitable[None]] = nothing_beside,
) -> AsyncIterator[None]:
    """Consume a subscription in the background; at the end finish and commit batches in flight.

    `prepare` is called before the first event, and repeated until its dependency is up; `beside`
    runs from then on, with a publisher, and must return once its event is set. The service is ready
    once the consumer has joined its group. If the consumer halts, `/readyz` reports why and the
    process stays alive so that a person can look.
    """
    topics = [*owned, *subscription.all_topics, dead_letter_topic(subscription.group)]

    async def use(publisher: KafkaPublisher, closing: asyncio.Event) -> None:
        config = ConsumerConfig(KafkaSettings(), ConsumerSettings(), process_name(HttpSettings()))
        consumer = Consumer(config, subscription, publisher, service.metrics, utc_now)
        await retry_until_done(prepare, closing)
        async with background(partial(beside, publisher)):
            await _consume(service, consumer, closing)

    service.readiness_checks["consumer-group"] = never_ready  # also while `prepare` runs
    async with producer_running(service, topics, use):
        yield


async def _consume(
    service: Service, consumer: Consumer[ProposalT, StoredT], closing: asyncio.Event
) -> None:
    await retry_until_done(consumer.start, closing)

    async def is_member() -> bool:
        return consumer.has_joined

    service.readiness_checks["consumer-group"] = is_member
    service.readiness_checks["dependency"] = consumer.is_progressing
    service.readiness_checks["open-transaction"] = consumer.is_free_of_transactions
    async with running_until(closing, consumer.halted()):
        pass
    await consumer.stop()
    if consumer.halted_because:
        service.readiness_checks[consumer.halted_because] = never_ready
        await closing.wait()
