"""The arguments and options of the dead-letter commands, and the error messages for both."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated

import typer

from cli.dead_letters.selection import Filter, Selection
from cli.dead_letters.topics import UnknownLetterError
from cli.errors import exit_with_message
from cli.kafka_option import unreachable
from shared.dead_letters.letter import LetterId
from shared.errors import TransientError
from shared.service.operators import ReasonOption, when_option, with_options


def _letter_id(text: str) -> LetterId:
    try:
        return LetterId.parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


LetterArgument = Annotated[
    LetterId, typer.Argument(parser=_letter_id, metavar="ID", help="GROUP/PARTITION/OFFSET")
]
_LetterArguments = Annotated[
    list[LetterId] | None,
    typer.Argument(parser=_letter_id, metavar="[ID]...", help="GROUP/PARTITION/OFFSET"),
]
GroupOption = Annotated[str | None, typer.Option(help="Only letters of this consumer group.")]


def filter_options(
    *,
    reason: ReasonOption = None,
    topic: Annotated[
        str | None, typer.Option(help="Only letters from this original topic.")
    ] = None,
    key: Annotated[
        str | None, typer.Option(help="Only letters of this application: its ID or its reference.")
    ] = None,
    since: Annotated[datetime | None, when_option("Only letters dead-lettered since")] = None,
    attempts: Annotated[
        int | None, typer.Option(min=1, help="Only letters that have failed this many times.")
    ] = None,
) -> Filter:
    """Return the filter that the options describe."""
    return Filter(reason, topic, key, since, attempts)


@with_options(criteria=filter_options)
def selection_options(
    *,
    letters: _LetterArguments = None,
    group: GroupOption = None,
    criteria: Filter,
    every: Annotated[
        bool, typer.Option("--all", help="All open letters, without a filter.")
    ] = False,
) -> Selection:
    """Return the letters to act on; raises `typer.BadParameter` unless exactly one way is used."""
    is_filtered = group is not None or criteria != Filter()
    if letters and (is_filtered or every):
        msg = "Must be letter IDs or a filter, not both."
        raise typer.BadParameter(msg)
    if not letters and not is_filtered and not every:
        msg = "Must be letter IDs, a filter such as --group, or --all."
        raise typer.BadParameter(msg)
    return Selection(letters or (), group, criteria)


@contextmanager
def errors_reported(kafka: str) -> Iterator[None]:
    """Exit with a one-line message if Kafka cannot be reached or a letter does not exist."""
    # The client logs each of its own retries; one line is enough.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    try:
        yield
    except TransientError:
        exit_with_message(unreachable(kafka))
    except UnknownLetterError as error:
        exit_with_message(str(error))
