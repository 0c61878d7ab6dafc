"""What runs while a service is up: background work, the producer, the consumer."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager

from shared.clock import utc_now
from shared.consumer.consumer import Consumer, KeptT, ProposalT, Subscription, exit_process
from shared.errors import AbandonedError
from shared.events.envelope import Topic, dead_letter_topic
from shared.kafka.publisher import KafkaPublisher, open_publisher
from shared.kafka.topics import provide_topics
from shared.retry import retry_until_done
from shared.service.app import Service
from shared.settings import ConsumerSettings, KafkaSettings
from shared.waiting import running_until


@asynccontextmanager
async def background(work: Callable[[asyncio.Event], Awaitable[None]]) -> AsyncIterator[None]:
    """Run `work` beside what is inside; on leaving set its event and wait for its end.

    An error in it ends the process: a service without its work must not look alive.
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


async def never_ready() -> bool:
    """Stand in for the readiness check of what has not started, or has stopped for good."""
    return False


@asynccontextmanager
async def producer_running(
    service: Service,
    owned: Iterable[Topic],
    use: Callable[[KafkaPublisher, asyncio.Event], Awaitable[None]],
) -> AsyncIterator[None]:
    """Connect to Kafka in the background, however long it takes; then hand the publisher over.

    Creates the topics of `owned` first. `use` runs until its event is set.
    """
    settings = KafkaSettings()

    async def work(closing: asyncio.Event) -> None:
        await retry_until_done(lambda: provide_topics(settings, owned), closing)
        async with AsyncExitStack() as stack:
            publisher = await retry_until_done(
                lambda: stack.enter_async_context(open_publisher(settings)), closing
            )
            service.readiness_checks["kafka"] = publisher.is_reachable
            await use(publisher, closing)

    service.readiness_checks["kafka"] = never_ready
    async with background(work):
        yield


@asynccontextmanager
async def consumer_running(
    service: Service,
    subscription: Subscription[ProposalT, KeptT],
    owned: Iterable[Topic],
    prepare: Callable[[], Awaitable[None]],
) -> AsyncIterator[None]:
    """Consume a subscription in the background; on leaving, finish and commit what is in hand.

    `prepare` is called before the first event, and again until its dependency is up. A consumer
    that halts is stopped and named by `/readyz`, while the process lives on for a person to look.
    """
    topics = [*owned, *subscription.all_topics, dead_letter_topic(subscription.group)]

    async def use(publisher: KafkaPublisher, closing: asyncio.Event) -> None:
        settings = (KafkaSettings(), ConsumerSettings())
        consumer = Consumer(settings, subscription, publisher, service.metrics, utc_now)
        await retry_until_done(prepare, closing)
        await retry_until_done(consumer.start, closing)

        async def is_member() -> bool:
            return consumer.has_joined

        service.readiness_checks["consumer-group"] = is_member
        service.readiness_checks["dependency"] = consumer.is_progressing
        async with running_until(closing, consumer.halted()):
            pass
        await consumer.stop()
        if consumer.halted_because:
            service.readiness_checks[consumer.halted_because] = never_ready
            await closing.wait()

    async with producer_running(service, topics, use):
        yield
