"""How far in time a consumer group has read some topics."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from shared.errors import TransientError
from shared.events.envelope import Topic
from shared.kafka.admin import open_admin
from shared.kafka.record import KafkaRecord
from shared.settings import KafkaSettings

_WAIT_MS: Final = 500
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


class GroupProgress:
    """Tells whether a group, all its members together, has handled what was published by a moment.

    It remembers the ends of the topics at some time; once the group has committed them, it has
    handled everything that was published before that time.
    """

    def __init__(
        self,
        settings: KafkaSettings,
        group: str,
        topics: Sequence[Topic],
        now: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._group = group
        self._topics = [each.name for each in topics]
        self._now = now
        self._read_until = _NEVER
        self._ends: dict[TopicPartition, int] = {}
        self._looked_at = _NEVER

    async def has_read_until(self, moment: datetime) -> bool:
        """Return whether the group has handled everything that was published before `moment`.

        `moment` must have passed. Raises `TransientError` if Kafka cannot be reached.
        """
        if self._read_until < moment:
            await self._look(moment)
        return self._read_until >= moment

    async def _look(self, moment: datetime) -> None:
        async with open_admin(self._settings) as admin:
            committed = await admin.list_consumer_group_offsets(self._group)
            described = await admin.describe_topics(self._topics)
        if self._looked_at < moment:
            self._looked_at = self._now()
            self._ends = await self._current_ends(_partitions(described))
        offsets = {each: found.offset for each, found in committed.items()}
        behind = [each for each, end in self._ends.items() if end > max(offsets.get(each, 0), 0)]
        if not behind or await self._nothing_between(behind, offsets):
            self._read_until = self._looked_at

    async def _current_ends(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        async with self._reader() as consumer:
            ends: dict[TopicPartition, int] = await consumer.end_offsets(partitions)
        return ends

    async def _nothing_between(
        self, behind: Sequence[TopicPartition], committed: Mapping[TopicPartition, int]
    ) -> bool:
        """Return whether there is no record from the committed offsets to the ends.

        Positions tell, not offsets: a partition may end with markers of transactions.
        """
        async with self._reader() as consumer:
            consumer.assign(behind)
            for each in behind:
                if committed.get(each, -1) >= 0:
                    consumer.seek(each, committed[each])
            while any([await consumer.position(each) < self._ends[each] for each in behind]):
                fetched = await consumer.getmany(timeout_ms=_WAIT_MS)
                if _has_record_before(fetched, self._ends):
                    return False
        return True

    @asynccontextmanager
    async def _reader(self) -> AsyncIterator[AIOKafkaConsumer]:
        """Open a consumer outside any group, which reads from the beginning where not told."""
        try:
            async with AIOKafkaConsumer(
                bootstrap_servers=self._settings.bootstrap_servers,
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                isolation_level="read_committed",
            ) as consumer:
                yield consumer
        except KafkaError as error:
            raise TransientError from error


def _has_record_before(
    fetched: Mapping[TopicPartition, Sequence[KafkaRecord]], ends: Mapping[TopicPartition, int]
) -> bool:
    return any(
        each.offset < ends[partition] for partition, found in fetched.items() for each in found
    )


def _partitions(described: Sequence[Mapping[str, Any]]) -> list[TopicPartition]:
    return [
        TopicPartition(topic["topic"], each["partition"])
        for topic in described
        for each in topic["partitions"]
    ]
