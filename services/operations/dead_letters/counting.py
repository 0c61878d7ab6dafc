"""Keeps the counts of dead letters current: reads what is new on their topics, and only that."""

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

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
from shared.outages import Outage
from shared.settings import KafkaSettings

log = structlog.get_logger()
# Of one group: end offsets of a partition without a leader may never come. What was read by then is
# not read again.
_LONGEST_SECONDS: Final = 20.0


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
    """The dead letters of every group and reason, and when all of them were last counted."""

    def __init__(self, settings: KafkaSettings) -> None:
        self.counted_at: datetime | None = None
        self.groups: Mapping[str, Mapping[str, Count]] = {}
        self._settings = settings
        self._topics = DeadLetterTopics(settings)
        self._found: Sequence[GroupTopics] = ()
        self._followed: dict[str, _Followed] = {}
        self._outage = Outage()

    async def refresh(self) -> bool:
        """Count what is new; return whether Kafka told all of it.

        The counts of a group of which it did not stay as they are, and so does `counted_at`.
        """
        now = utc_now()
        if not await self._in_time(self._find()):
            return False
        is_whole = all([await self._in_time(self._count(each)) for each in self._found])
        if is_whole:
            self.counted_at = now
            self._outage.ends(time.monotonic())
        return is_whole

    async def _in_time(self, work: Coroutine[Any, Any, None]) -> bool:
        try:
            async with asyncio.timeout(_LONGEST_SECONDS):
                await work
        except (TransientError, TimeoutError) as error:
            self._report(type(error.__cause__ or error).__name__)
            await self.close()
            return False
        return True

    def _report(self, error: str) -> None:
        if self._outage.fails(time.monotonic()):
            # Log: Dead letters could not be read; the figures stay as they were. Said again ever
            # more rarely.
            log.warning("dead_letters.not_counted", error=error)

    async def close(self) -> None:
        """Close the connections to Kafka."""
        with suppress(TransientError):
            await self._topics.close()

    async def _find(self) -> None:
        self._found = await self._topics.groups()
        known = {each.group for each in self._found}
        self._followed = {name: each for name, each in self._followed.items() if name in known}
        self.groups = {name: each for name, each in self.groups.items() if name in known}

    async def _count(self, topics: GroupTopics) -> None:
        letters = await self._follow(topics)
        self.groups = {**self.groups, topics.group: letters.counts()}

    async def _follow(self, topics: GroupTopics) -> Letters:
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
        return followed.letters

    async def _new(
        self, followed: _Followed, extents: Mapping[TopicPartition, Extent]
    ) -> AsyncIterator[KafkaRecord]:
        """Yield what is new; what its reader is done with is not yielded again."""
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
                    place = TopicPartition(record.topic, record.partition)
                    followed.positions[place] = record.offset + 1
        followed.positions |= ends


def _add(topics: GroupTopics, letters: Letters, record: KafkaRecord) -> None:
    letter = parse_letter(topics.group, record)
    letters.add(record.partition, record.offset, letter.reason, milliseconds(letter.time))


def _act(topics: GroupTopics, letters: Letters, record: KafkaRecord) -> None:
    if parsed := parse_action(topics.group, record):
        letter, action = parsed
        if is_about_topic(action, topics.ids[0]):
            letters.act(letter.partition, letter.offset, action.action)
