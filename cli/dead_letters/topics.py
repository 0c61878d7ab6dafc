"""Reads dead letters from Kafka, redrives or parks them, and records each action."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from cli.dead_letters.selection import Selection
from shared.dead_letters.journal import (
    Action,
    Journal,
    action_record,
    actions_topic,
    parse_journal,
)
from shared.dead_letters.letter import StoredDeadLetter, parse_letter
from shared.events.envelope import dead_letter_topic, redrive_topic
from shared.kafka.admin import open_admin
from shared.kafka.publisher import KafkaPublisher, open_publisher
from shared.kafka.reader import read_topic
from shared.kafka.topic_ids import ids_of_topics
from shared.kafka.topics import provide_topics
from shared.settings import KafkaSettings

_TOPIC: Final = re.compile("(.+)" + re.escape(dead_letter_topic("").name))


class UnknownLetterError(Exception):
    """A requested letter or group does not exist; the message says which ones do."""


@dataclass(frozen=True, slots=True)
class JournaledLetter:
    """A letter with the journal of its group."""

    letter: StoredDeadLetter
    journal: Journal

    @property
    def last(self) -> Action | None:
        """The last action on it."""
        return self.journal.last(self.letter.id)

    @property
    def history(self) -> Sequence[Action]:
        """All actions on it, the earliest first."""
        return self.journal.history(self.letter.id)


@dataclass(frozen=True, slots=True)
class Plan:
    """The letters to act on, in the order of their topics, and those refused, with the reason."""

    todo: list[StoredDeadLetter] = field(default_factory=list)
    refused: list[tuple[StoredDeadLetter, str]] = field(default_factory=list)


@dataclass(slots=True)
class Throttle:
    """Limits a loop to `per_second` rounds, evenly spaced."""

    per_second: float
    _next: float = 0

    async def wait(self) -> None:
        """Wait until the next round may start."""
        clock = asyncio.get_running_loop().time
        await asyncio.sleep(max(0.0, self._next - clock()))
        self._next = clock() + 1 / self.per_second


async def groups_with_letters(settings: KafkaSettings, wanted: str | None = None) -> list[str]:
    """Return the consumer groups with a dead-letter topic, or only `wanted` if it has one.

    Raises `UnknownLetterError` if `wanted` has none, `TransientError` if Kafka cannot be reached.
    """
    async with open_admin(settings) as admin:
        topics: list[str] = await admin.list_topics()
    groups = sorted(found[1] for each in topics if (found := _TOPIC.fullmatch(each)))
    if wanted is None:
        return groups
    if wanted in groups:
        return [wanted]
    known = f"Groups that have one: {', '.join(groups)}." if groups else "No group has one yet."
    msg = f"The group {wanted!r} has no topic of dead letters. {known}"
    raise UnknownLetterError(msg)


async def read_journal(settings: KafkaSettings, group: str) -> Journal:
    """Read the journal of a group's letters."""
    letters, topic = dead_letter_topic(group).name, actions_topic(group)
    ids = await ids_of_topics(settings, [letters])
    records = [record async for batch in read_topic(settings, topic) for record in batch]
    return parse_journal(group, records, ids.get(letters, ""))


async def read_letters(settings: KafkaSettings, group: str) -> AsyncIterator[StoredDeadLetter]:
    """Yield the letters of a group, in order within each partition."""
    async for records in read_topic(settings, dead_letter_topic(group)):
        for record in records:
            yield parse_letter(group, record)


async def find(settings: KafkaSettings, selection: Selection) -> list[JournaledLetter]:
    """Return the selected letters, ordered by group, partition and offset.

    Raises `UnknownLetterError` if a named letter does not exist.
    """
    named: list[str | None] = [*sorted({each.group for each in selection.ids})]
    found = [
        each
        for group in named or [selection.group]
        for known in await groups_with_letters(settings, group)
        for each in await _find_in(settings, known, selection)
    ]
    missing = set(selection.ids) - {each.letter.id for each in found}
    if missing:
        msg = f"No such letter: {', '.join(map(str, sorted(missing)))}. `list` shows all letters."
        raise UnknownLetterError(msg)
    return sorted(found, key=lambda each: each.letter.id)


async def _find_in(
    settings: KafkaSettings, group: str, selection: Selection
) -> list[JournaledLetter]:
    journal = await read_journal(settings, group)
    return [
        JournaledLetter(letter, journal)
        async for letter in read_letters(settings, group)
        if selection.matches(letter, journal.state(letter.id))
    ]


def make_plan(
    found: Iterable[JournaledLetter],
    objection: Callable[[StoredDeadLetter, Action | None], str | None],
) -> Plan:
    """Separate the letters that may be acted on from those with an objection."""
    plan = Plan()
    for each in found:
        if why := objection(each.letter, each.last):
            plan.refused.append((each.letter, why))
        else:
            plan.todo.append(each.letter)
    return plan


@dataclass(frozen=True, slots=True)
class Operation:
    """A redrive (`redrives`) or a parking: the action to record for each letter, and the speed."""

    action: Callable[[StoredDeadLetter], Action]
    throttle: Throttle
    redrives: bool

    async def apply(
        self, letter: StoredDeadLetter, publisher: KafkaPublisher, topic_id: str | None
    ) -> None:
        """Apply to one letter, then record it: a crash in between repeats this one letter."""
        if self.redrives:
            await self.throttle.wait()
            await publisher.publish([letter.redriven()])
        action = self.action(letter).model_copy(update={"topic_id": topic_id})
        await publisher.publish([action_record(letter.id, action)])


async def carry_out(
    settings: KafkaSettings,
    letters: Sequence[StoredDeadLetter],
    operation: Operation,
    on_done: Callable[[], object],
) -> None:
    """Apply an operation to letters in order; call `on_done` after each is recorded.

    Raises `TransientError` if Kafka becomes unreachable; what was recorded stays recorded.
    """
    groups = dict.fromkeys(each.id.group for each in letters)
    topics = [actions_topic(each) for each in groups]
    if operation.redrives:
        topics += [redrive_topic(each) for each in groups]
    await provide_topics(settings, topics)
    names = {each: dead_letter_topic(each).name for each in groups}
    ids = await ids_of_topics(settings, names.values())
    async with open_publisher(settings) as publisher:
        for letter in letters:
            await operation.apply(letter, publisher, ids.get(names[letter.id.group]))
            on_done()
