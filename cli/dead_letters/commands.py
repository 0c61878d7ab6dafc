"""`cppp dead-letters`: list, show, redrive and park dead letters."""

import asyncio
import json
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from cli.dead_letters.acting import park, redrive
from cli.dead_letters.display import (
    Groups,
    journaled_document,
    letter_document,
    show_letter,
    show_table,
)
from cli.dead_letters.options import (
    GroupOption,
    LetterArgument,
    errors_reported,
    filter_options,
)
from cli.dead_letters.selection import Filter, Selection
from cli.dead_letters.topics import find, groups_with_letters, read_journal, read_letters
from cli.kafka_option import DEFAULT_KAFKA, KafkaOption, kafka_settings
from shared.dead_letters.journal import State
from shared.dead_letters.letter import readable
from shared.service.operators import JsonOption, with_options
from shared.settings import KafkaSettings

_WARNING: Final = "The value may hold personal data: share it only with people who need it."

dead_letters = typer.Typer(
    no_args_is_help=True,
    help="List, show, redrive and park the records that services could not handle.",
)


@dead_letters.command("list")
@with_options(criteria=filter_options)
def list_letters(  # noqa: PLR0913  # one parameter for each option
    *,
    group: GroupOption = None,
    criteria: Filter,
    state: Annotated[State | None, typer.Option(help="Only letters in this state.")] = None,
    letters: Annotated[
        bool, typer.Option("--letters", help="List each letter, with its ID.")
    ] = False,
    as_json: JsonOption = False,
    kafka: KafkaOption = DEFAULT_KAFKA,
) -> None:
    """Count dead letters by group, reason, error and topic; never shows their payload."""
    errors, console = Console(stderr=True), Console()
    with errors_reported(kafka):
        listing = _Listing(kafka_settings(kafka), criteria, state)
        documents, unreadable = asyncio.run(listing.documents(group, each=letters))
    if as_json:
        print(json.dumps(documents, indent=2))
    else:
        show_table(console, documents)
    if unreadable:
        errors.print(f"{unreadable} journal records cannot be read and were ignored.")


class _Listing:
    def __init__(self, settings: KafkaSettings, criteria: Filter, state: State | None) -> None:
        self._settings = settings
        self._criteria = criteria
        self._state = state

    async def documents(self, group: str | None, *, each: bool) -> tuple[list[dict[str, Any]], int]:
        grouped, single, unreadable = Groups(), [], 0
        for known in await groups_with_letters(self._settings, group):
            journal = await read_journal(self._settings, known)
            unreadable += journal.unreadable
            async for letter in read_letters(self._settings, known):
                state = journal.state(letter.id)
                if self._state not in {None, state} or not self._criteria.matches(letter):
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
        bool, typer.Option("--value", help="Show the payload too. It may hold personal data.")
    ] = False,
    as_json: JsonOption = False,
    kafka: KafkaOption = DEFAULT_KAFKA,
) -> None:
    """Show one dead letter: all its headers, its origin and its history."""
    errors, console = Console(stderr=True), Console()
    with errors_reported(kafka):
        [found] = asyncio.run(find(kafka_settings(kafka), Selection(ids=[letter])))
    if value:
        errors.print(_WARNING, style="yellow")
    content = readable(found.letter.record.value) if value else None
    if as_json:
        print(json.dumps({**journaled_document(found), "value": content}, indent=2))
        return
    show_letter(console, found)
    if content is not None:
        console.print(content, markup=False, highlight=False, soft_wrap=True)


dead_letters.command()(redrive)
dead_letters.command()(park)
