"""`cppp dead-letters`: what could not be handled is looked at, brought back, or set aside."""

import asyncio
import json
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from cli.dead_letters.acting import park, redrive
from cli.dead_letters.display import (
    Groups,
    found_document,
    letter_document,
    show_letter,
    show_table,
)
from cli.dead_letters.journal import State
from cli.dead_letters.letter import readable
from cli.dead_letters.options import (
    KAFKA,
    AttemptsOption,
    GroupOption,
    JsonOption,
    KafkaOption,
    KeyOption,
    LetterArgument,
    ReasonOption,
    SinceOption,
    TopicOption,
    kafka_settings,
    plain_troubles,
)
from cli.dead_letters.selection import Filter, Wanted
from cli.dead_letters.topics import find, groups_with_letters, read_book, read_letters
from shared.settings import KafkaSettings

_WARNING: Final = "The value may hold personal data: show it to nobody who need not see it."

dead_letters = typer.Typer(
    no_args_is_help=True,
    help="Look at what services could not handle, bring it back, or set it aside.",
)


@dead_letters.command("list")
def list_letters(  # noqa: PLR0913  # what can be given on the command line
    *,
    group: GroupOption = None,
    reason: ReasonOption = None,
    topic: TopicOption = None,
    key: KeyOption = None,
    since: SinceOption = None,
    attempts: AttemptsOption = None,
    state: Annotated[State | None, typer.Option(help="That stand so.")] = None,
    letters: Annotated[bool, typer.Option("--letters", help="Each letter, with its ID.")] = False,
    as_json: JsonOption = False,
    kafka: KafkaOption = KAFKA,
) -> None:
    """Show dead letters by group, reason, error and topic; never what is in them."""
    errors, console = Console(stderr=True), Console()
    taken = Filter(reason, topic, key, since, attempts)
    with plain_troubles(kafka, errors):
        look = _Look(kafka_settings(kafka), taken, state)
        documents, unreadable = asyncio.run(look.documents(group, each=letters))
    if as_json:
        print(json.dumps(documents, indent=2))
    else:
        show_table(console, documents)
    if unreadable:
        errors.print(f"{unreadable} notes of what was done cannot be read, and do not count.")


class _Look:
    def __init__(self, settings: KafkaSettings, taken: Filter, state: State | None) -> None:
        self._settings = settings
        self._taken = taken
        self._state = state

    async def documents(self, group: str | None, *, each: bool) -> tuple[list[dict[str, Any]], int]:
        grouped, single, unreadable = Groups(), [], 0
        for known in await groups_with_letters(self._settings, group):
            book = await read_book(self._settings, known)
            unreadable += book.unreadable
            async for letter in read_letters(self._settings, known):
                state = book.state(letter.id)
                if self._state not in {None, state} or not self._taken.takes(letter):
                    continue
                if each:
                    single.append(letter_document(letter, state))
                else:
                    grouped.add(letter, state)
        return (single if each else grouped.documents()), unreadable


@dead_letters.command()
def show(
    letter: LetterArgument,
    *,
    value: Annotated[
        bool, typer.Option("--value", help="Show the payload, too. It may hold personal data.")
    ] = False,
    as_json: JsonOption = False,
    kafka: KafkaOption = KAFKA,
) -> None:
    """Show one dead letter: all its headers, where it came from, what was done about it."""
    errors, console = Console(stderr=True), Console()
    with plain_troubles(kafka, errors):
        [found] = asyncio.run(find(kafka_settings(kafka), Wanted(ids=[letter])))
    if value:
        errors.print(_WARNING, style="yellow")
    content = readable(found.letter.record.value) if value else None
    if as_json:
        print(json.dumps({**found_document(found), "value": content}, indent=2))
        return
    show_letter(console, found)
    if content is not None:
        console.print(content, markup=False, highlight=False, soft_wrap=True)


dead_letters.command()(redrive)
dead_letters.command()(park)
