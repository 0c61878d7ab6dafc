"""Finds dead letters on real topics, and acts upon them one by one, with a note after each."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from cli.dead_letters.journal import Action, Book, actions_topic, book_of, note
from cli.dead_letters.letter import Letter, letter_of
from cli.dead_letters.selection import Wanted
from shared.events.envelope import Outgoing, dead_letter_topic, redrive_topic
from shared.kafka.admin import open_admin
from shared.kafka.publisher import KafkaPublisher, open_publisher
from shared.kafka.reader import read_topic
from shared.kafka.topics import provide_topics
from shared.settings import KafkaSettings

_TOPIC: Final = re.compile("(.+)" + re.escape(dead_letter_topic("").name))


class UnknownLetterError(Exception):
    """What was asked for is not there; the text says what is."""


@dataclass(frozen=True, slots=True)
class Found:
    """A letter, and the notes on the letters of its group."""

    letter: Letter
    book: Book

    @property
    def last(self) -> Action | None:
        """What was done about it last."""
        return self.book.last(self.letter.id)

    @property
    def history(self) -> Sequence[Action]:
        """All that was done about it, the earliest first."""
        return self.book.history(self.letter.id)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be acted upon, in the order of the topics, and what is not, and why."""

    todo: list[Letter] = field(default_factory=list)
    refused: list[tuple[Letter, str]] = field(default_factory=list)


@dataclass(slots=True)
class Pace:
    """Lets so many through in a second, evenly."""

    per_second: float
    _next: float = 0

    async def turn(self) -> None:
        """Wait until it is the next one's turn."""
        clock = asyncio.get_running_loop().time
        await asyncio.sleep(max(0.0, self._next - clock()))
        self._next = clock() + 1 / self.per_second


async def groups_with_letters(settings: KafkaSettings, wanted: str | None = None) -> list[str]:
    """Name the consumer groups that have a dead-letter topic, or check that one has.

    Raises `UnknownLetterError` if it has none, `TransientError` if Kafka cannot be reached.
    """
    async with open_admin(settings) as admin:
        topics: list[str] = await admin.list_topics()
    groups = sorted(found[1] for each in topics if (found := _TOPIC.fullmatch(each)))
    if wanted is None or wanted in groups:
        return groups if wanted is None else [wanted]
    known = f"Those that have: {', '.join(groups)}." if groups else "No group has one yet."
    msg = f"The group {wanted!r} has no topic of dead letters. {known}"
    raise UnknownLetterError(msg)


async def read_book(settings: KafkaSettings, group: str) -> Book:
    """Read the notes on a group's letters."""
    topic = actions_topic(group)
    return book_of(
        group, [record async for batch in read_topic(settings, topic) for record in batch]
    )


async def read_letters(settings: KafkaSettings, group: str) -> AsyncIterator[Letter]:
    """Yield the letters of a group, each partition in its order."""
    async for records in read_topic(settings, dead_letter_topic(group)):
        for record in records:
            yield letter_of(group, record)


async def find(settings: KafkaSettings, wanted: Wanted) -> list[Found]:
    """Find what is asked for, by group, partition and offset.

    Raises `UnknownLetterError` if a named letter is not there.
    """
    named: list[str | None] = [*sorted({each.group for each in wanted.ids})]
    found = [
        each
        for group in named or [wanted.group]
        for known in await groups_with_letters(settings, group)
        for each in await _find_in(settings, known, wanted)
    ]
    missing = set(wanted.ids) - {each.letter.id for each in found}
    if missing:
        msg = f"No such letter: {', '.join(map(str, sorted(missing)))}. `list` shows those there."
        raise UnknownLetterError(msg)
    return sorted(found, key=lambda each: each.letter.id)


async def _find_in(settings: KafkaSettings, group: str, wanted: Wanted) -> list[Found]:
    book = await read_book(settings, group)
    return [
        Found(letter, book)
        async for letter in read_letters(settings, group)
        if wanted.takes(letter, book.state(letter.id))
    ]


def plan(found: Iterable[Found], objection: Callable[[Letter, Action | None], str | None]) -> Plan:
    """Separate what may be acted upon from what may not."""
    made = Plan()
    for each in found:
        if why := objection(each.letter, each.last):
            made.refused.append((each.letter, why))
        else:
            made.todo.append(each.letter)
    return made


@dataclass(frozen=True, slots=True)
class Deed:
    """What is done to letters: the note that is made of it, and whether they are redriven."""

    action: Callable[[Letter], Action]
    pace: Pace
    redrives: bool

    async def do(self, letter: Letter, publisher: KafkaPublisher) -> None:
        """Act upon one letter, then note it: a crash between the two repeats this one letter."""
        if self.redrives:
            await self.pace.turn()
            await publisher.publish([letter.redriven()])
        await publisher.publish([self._note(letter)])

    def _note(self, letter: Letter) -> Outgoing:
        return note(letter.id, self.action(letter))


async def carry_out(
    settings: KafkaSettings, letters: Sequence[Letter], deed: Deed, on_done: Callable[[], object]
) -> None:
    """Act upon letters in their order; `on_done` hears of each that is done and noted.

    Raises `TransientError` if Kafka goes away; what is done stays noted.
    """
    groups = dict.fromkeys(each.id.group for each in letters)
    topics = [actions_topic(each) for each in groups]
    if deed.redrives:
        topics += [redrive_topic(each) for each in groups]
    await provide_topics(settings, topics)
    async with open_publisher(settings) as publisher:
        for letter in letters:
            await deed.do(letter, publisher)
            on_done()
