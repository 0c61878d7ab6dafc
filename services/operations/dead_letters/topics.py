"""What Kafka says about the topics of dead letters: which there are, and how far they reach."""

import re
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from shared.dead_letters.journal import actions_topic
from shared.errors import TransientError
from shared.events.envelope import dead_letter_topic
from shared.kafka.admin import open_admin
from shared.kafka.record import COMMITTED_ONLY
from shared.kafka.topic_ids import TopicIds
from shared.settings import KafkaSettings

_TOPIC: Final = re.compile("(.+)" + re.escape(dead_letter_topic("").name))


@dataclass(frozen=True, slots=True)
class GroupTopics:
    """A group's topics of letters and of actions: their ids, and the partitions of both."""

    group: str
    ids: tuple[str, ...]
    letters: tuple[TopicPartition, ...]
    actions: tuple[TopicPartition, ...]


@dataclass(frozen=True, slots=True)
class Extent:
    """From where to where a partition can be read now."""

    begin: int
    end: int


class DeadLetterTopics:
    """Asks with connections that stay open; after an error they are opened anew."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._ids = TopicIds(settings)
        self._open = AsyncExitStack()
        self._clients: tuple[AIOKafkaAdminClient, AIOKafkaConsumer] | None = None

    async def groups(self) -> list[GroupTopics]:
        """Return the groups that have a topic of dead letters.

        Raises `TransientError` while Kafka cannot be reached.
        """
        admin, _ = await self._connected()
        try:
            topics = {each["topic"]: each for each in await admin.describe_topics()}
        except (KafkaError, OSError) as error:
            raise TransientError from error
        groups = sorted(found[1] for each in topics if (found := _TOPIC.fullmatch(each)))
        names = {each: (dead_letter_topic(each).name, actions_topic(each).name) for each in groups}
        ids = await self._ids.of(name for pair in names.values() for name in pair if name in topics)
        return [
            GroupTopics(
                group,
                tuple(ids[each].topic_id if each in ids else "" for each in pair),
                *(_partitions(topics.get(each)) for each in pair),
            )
            for group, pair in names.items()
        ]

    async def extents(
        self, partitions: Iterable[TopicPartition]
    ) -> Mapping[TopicPartition, Extent]:
        """Return what can be read; raises `TransientError` while Kafka cannot be reached."""
        asked = list(partitions)
        if not asked:
            return {}
        _, consumer = await self._connected()
        try:
            begins = await consumer.beginning_offsets(asked)
            ends = await consumer.end_offsets(asked)  # last stable offsets
        except (KafkaError, OSError) as error:
            raise TransientError from error
        return {each: Extent(begins[each], ends[each]) for each in asked}

    async def close(self) -> None:
        """Close the connections; the next question opens them again."""
        self._clients = None
        opened, self._open = self._open, AsyncExitStack()
        await opened.aclose()
        await self._ids.close()

    async def _connected(self) -> tuple[AIOKafkaAdminClient, AIOKafkaConsumer]:
        if self._clients is None:
            admin = await self._open.enter_async_context(open_admin(self._settings))
            consumer = AIOKafkaConsumer(
                bootstrap_servers=self._settings.bootstrap_servers,
                isolation_level=COMMITTED_ONLY,
                enable_auto_commit=False,
            )
            try:
                await self._open.enter_async_context(consumer)
            except (KafkaError, OSError) as error:
                raise TransientError from error
            self._clients = admin, consumer
        return self._clients


def _partitions(topic: Any) -> tuple[TopicPartition, ...]:
    if topic is None:
        return ()
    numbers = sorted(each["partition"] for each in topic["partitions"])
    return tuple(TopicPartition(topic["topic"], each) for each in numbers)
