"""Publishes valid rulings to Kafka, with receipts; retries while Kafka is unreachable."""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, Final

from cli.import_rulings.checked import Checked
from cli.import_rulings.receipts import Destination, RulingWriter
from cli.retry_policy import RetryPolicy
from shared.events.casework import RULINGS
from shared.kafka.admin import open_admin
from shared.kafka.publisher import KafkaPublisher, open_publisher
from shared.kafka.topic_ids import ids_of_topics
from shared.kafka.topics import provide_topics
from shared.settings import KafkaSettings

_BATCH: Final = 500


async def destination(settings: KafkaSettings) -> Destination:
    """Name the topic of rulings; raises `TransientError` while Kafka cannot be reached."""
    async with open_admin(settings) as admin:
        described: dict[str, Any] = await admin.describe_cluster()
    ids = await ids_of_topics(settings, [RULINGS.name])
    return Destination(str(described["cluster_id"]), ids.get(RULINGS.name, ""))


@dataclass(frozen=True, slots=True)
class RulingPublisher:
    """Publishes rulings, with retries."""

    publisher: KafkaPublisher
    retries: RetryPolicy

    async def publish_all(
        self,
        rulings: Iterable[Checked],
        receipts: RulingWriter,
        on_published: Callable[[int], None],
    ) -> None:
        """Publish in file order, in batches; write receipts after each batch is acknowledged."""
        for batch in _batches(iter(rulings)):
            events = [each.event for each in batch]
            await self.retries.until_done(partial(self.publisher.publish, events))
            receipts.published(batch)
            on_published(len(batch))


@asynccontextmanager
async def open_ruling_publisher(
    settings: KafkaSettings, retries: RetryPolicy
) -> AsyncIterator[RulingPublisher]:
    """Create the topic of rulings if it is missing, and open a publisher."""
    await retries.until_done(lambda: provide_topics(settings, [RULINGS]))
    async with AsyncExitStack() as stack:
        publisher = await retries.until_done(
            lambda: stack.enter_async_context(open_publisher(settings))
        )
        yield RulingPublisher(publisher, retries)


def _batches(rulings: Iterator[Checked]) -> Iterator[list[Checked]]:
    while batch := list(islice(rulings, _BATCH)):
        yield batch
