"""Publishes what a plan says, and looks whether another editor was faster."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Final

from cli.content.publication.topic import State, read_states
from cli.retry_policy import RetryPolicy
from shared.events.content import ITEMS
from shared.events.envelope import Outgoing
from shared.kafka.publisher import open_publisher
from shared.kafka.topics import provide_topics
from shared.settings import KafkaSettings

_BATCH_BYTES: Final = 5_000_000


@dataclass(frozen=True, slots=True)
class Kafka:
    """Where to publish, and how long to wait for it."""

    settings: KafkaSettings
    retries: RetryPolicy

    async def states(self) -> Mapping[str, State]:
        """Return what is published; raises `TransientError` when time is up."""
        return await self.retries.until_done(partial(read_states, self.settings))

    async def publish(self, events: Sequence[Outgoing]) -> list[str]:
        """Publish events in their order, and return the ids of items that others changed first.

        Raises `TransientError` when time is up; a repeat of the command publishes the rest.
        """
        if not events:
            return []
        await self.retries.until_done(partial(provide_topics, self.settings, [ITEMS]))
        async with AsyncExitStack() as stack:
            publisher = await self.retries.until_done(
                lambda: stack.enter_async_context(open_publisher(self.settings))
            )
            for batch in _batches(events):
                await self.retries.until_done(partial(publisher.publish, batch))
        return _overtaken(events, await self.states())


def _batches(events: Sequence[Outgoing]) -> Iterator[list[Outgoing]]:
    """Yield batches of a few large records or many small ones."""
    batch: list[Outgoing] = []
    size = 0
    for each in events:
        length = len(each.value or b"")
        if batch and size + length > _BATCH_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(each)
        size += length
    yield batch


def _overtaken(events: Sequence[Outgoing], states: Mapping[str, State]) -> list[str]:
    """Return the items whose event does not hold: another one has its revision, or a later one."""
    ours = {(each.key or b"").decode(): dict(each.headers)["ce_id"].decode() for each in events}
    found = {item: state.event_id for item, state in states.items()}
    return [item for item, event_id in ours.items() if found.get(item) != event_id]
