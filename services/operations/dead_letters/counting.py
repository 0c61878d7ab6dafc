"""Keeps the counts of dead letters current: reads what is new on their topics, and only that."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import structlog
from aiokafka import TopicPartition

from services.operations.dead_letters.letters import Count, Letters
from services.operations.dead_letters.topics import DeadLetterTopics, Extent, GroupTopics
from shared.clock import milliseconds, utc_now
from shared.dead_letters.journal import is_about_topic, parse_action
from shared.dead_letters.letter import parse_letter
from shared.errors import TransientError
from shared.kafka.reader import read_between
from shared.kafka.record import KafkaRecord
from shared.settings import KafkaSettings

log = structlog.get_logger()
_LONGEST_SECONDS: Final = 60.0  # end offsets of a partition without a leader may never come


@dataclass(slots=True)
class _Followed:
    """One group: what is counted, and how far its topics are read."""

    ids: tuple[str, ...]
    letters: Letters = field(default_factory=Letters)
    positions: dict[TopicPartition, int] = field(default_factory=dict)

    def is_of(self, ids: tuple[str, ...]) -> bool:
        """Return whether no topic was made anew since; one that is new changes nothing."""
        return all(old in {"", new} for old, new in zip(self.ids, ids, strict=True))


class DeadLetterCounts:
    """The dead letters of every group and reason, and when they were last counted."""

    def __init__(self, settings: KafkaSettings) -> None:
        self.counted_at: datetime | None = None
        self.groups: Mapping[str, Mapping[str, Count]] = {}
        self._settings = settings
        self._topics = DeadLetterTopics(settings)
        self._followed: dict[str, _Followed] = {}

    async def refresh(self) -> bool:
        """Count what is new; return whether Kafka answered. If not, the counts stay as they are."""
        try:
            async with asyncio.timeout(_LONGEST_SECONDS):
                await self._refresh()
        except (TransientError, TimeoutError) as error:
            # Log: Dead letters could not be read; the figures stay as they were.
            log.warning("dead_letters.not_counted", error=type(error.__cause__ or error).__name__)
            await self.close()
            return False
        return True

    async def close(self) -> None:
        """Close the connections to Kafka."""
        with suppress(TransientError):
            await self._topics.close()

    async def _refresh(self) -> None:
        now = utc_now()
        found = await self._topics.groups()
        for each in found:
            await self._follow(each)
        known = {each.group for each in found}
        self._followed = {name: each for name, each in self._followed.items() if name in known}
        self.groups = {name: each.letters.counts() for name, each in self._followed.items()}
        self.counted_at = now

    async def _follow(self, topics: GroupTopics) -> None:
        followed = self._followed.get(topics.group)
        if followed is None or not followed.is_of(topics.ids):
            followed = self._followed[topics.group] = _Followed(topics.ids)
        followed.ids = topics.ids
        extents = await self._topics.extents(topics.letters)
        for each, extent in extents.items():
            followed.letters.forget_before(each.partition, extent.begin)
        async for record in self._new(followed, extents):
            _add(topics, followed.letters, record)
        # Letters first: an action is always about one that was there before.
        async for record in self._new(followed, await self._topics.extents(topics.actions)):
            _act(topics, followed.letters, record)

    async def _new(
        self, followed: _Followed, extents: Mapping[TopicPartition, Extent]
    ) -> AsyncIterator[KafkaRecord]:
        positions = {
            each: max(followed.positions.get(each, 0), extent.begin)
            for each, extent in extents.items()
        }
        ends = {
            each: extent.end for each, extent in extents.items() if positions[each] < extent.end
        }
        if ends:
            unread = {each: positions[each] for each in ends}
            async for records in read_between(self._settings, unread, ends):
                for record in records:
                    yield record
        followed.positions |= ends


def _add(topics: GroupTopics, letters: Letters, record: KafkaRecord) -> None:
    letter = parse_letter(topics.group, record)
    letters.add(record.partition, record.offset, letter.reason, milliseconds(letter.time))


def _act(topics: GroupTopics, letters: Letters, record: KafkaRecord) -> None:
    if parsed := parse_action(topics.group, record):
        letter, action = parsed
        if is_about_topic(action, topics.ids[0]):
            letters.act(letter.partition, letter.offset, action.action)
