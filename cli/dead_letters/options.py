"""The arguments and options of the dead-letter commands, and the error messages for both."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from getpass import getuser
from typing import Annotated

import typer

from cli.dead_letters.letter import LetterId
from cli.dead_letters.selection import moment
from cli.dead_letters.topics import UnknownLetterError
from cli.errors import exit_with_message
from cli.kafka_option import unreachable
from shared.clock import utc_now
from shared.errors import TransientError
from shared.events.doors import is_line


def _moment(text: str) -> datetime:
    try:
        return moment(text, utc_now())
    except (ValueError, OverflowError) as error:
        raise typer.BadParameter(str(error)) from None


def _letter_id(text: str) -> LetterId:
    try:
        return LetterId.parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


LetterArgument = Annotated[
    LetterId, typer.Argument(parser=_letter_id, metavar="ID", help="GROUP/PARTITION/OFFSET")
]
LetterArguments = Annotated[
    list[LetterId] | None,
    typer.Argument(parser=_letter_id, metavar="[ID]...", help="GROUP/PARTITION/OFFSET"),
]
GroupOption = Annotated[str | None, typer.Option(help="Only letters of this consumer group.")]
ReasonOption = Annotated[str | None, typer.Option(help="Only letters with this reason.")]
TopicOption = Annotated[str | None, typer.Option(help="Only letters from this original topic.")]
KeyOption = Annotated[str | None, typer.Option(help="Only letters of this application ID.")]
SinceOption = Annotated[
    datetime | None,
    typer.Option(
        parser=_moment,
        metavar="WHEN",
        help="Only letters dead-lettered since: a time, or an age such as 30m, 12h, 7d.",
    ),
]
AttemptsOption = Annotated[
    int | None, typer.Option(min=1, help="Only letters that have failed this many times.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
AllOption = Annotated[bool, typer.Option("--all", help="All open letters, without a filter.")]
ExecuteOption = Annotated[
    bool, typer.Option("--execute", "--yes", help="Do it; without this, only show the plan.")
]
ByOption = Annotated[
    str | None,
    typer.Option(help="Name recorded with the action.", show_default="the current user"),
]


def operator(by: str | None) -> str:
    """Return the name to record with an action: `by`, or else the current user's."""
    try:
        name = (by if by is not None else getuser()).strip()
    except (OSError, KeyError):
        name = ""
    if not is_line(name):
        msg = "must be your name on one line; the current user has none"
        raise typer.BadParameter(msg, param_hint="--by")
    return name


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
