"""What can be given to the commands about dead letters, and what is said when it is wrong."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from getpass import getuser
from typing import Annotated, Final

import typer
from pydantic import ValidationError
from rich.console import Console

from cli.dead_letters.letter import LetterId
from cli.dead_letters.selection import moment
from cli.dead_letters.topics import UnknownLetterError
from shared.clock import utc_now
from shared.errors import TransientError
from shared.settings import KafkaSettings

KAFKA: Final = "127.0.0.1:9092"


def kafka_settings(bootstrap_servers: str) -> KafkaSettings:
    """Read addresses of Kafka that a person gave; how topics are created is the environment's."""
    try:
        return KafkaSettings(bootstrap_servers=bootstrap_servers)
    except ValidationError:
        msg = f"{bootstrap_servers!r} has to be host:port, or several with commas between"
        raise typer.BadParameter(msg, param_hint="--kafka") from None


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


KafkaOption = Annotated[
    str, typer.Option(envvar="KAFKA_BOOTSTRAP_SERVERS", help="Comma-separated host:port.")
]
LetterArgument = Annotated[
    LetterId, typer.Argument(parser=_letter_id, metavar="ID", help="GROUP/PARTITION/OFFSET")
]
LetterArguments = Annotated[
    list[LetterId] | None,
    typer.Argument(parser=_letter_id, metavar="[ID]...", help="GROUP/PARTITION/OFFSET"),
]
GroupOption = Annotated[str | None, typer.Option(help="Of this consumer group only.")]
ReasonOption = Annotated[str | None, typer.Option(help="Given up for this reason.")]
TopicOption = Annotated[str | None, typer.Option(help="That came from this topic.")]
KeyOption = Annotated[str | None, typer.Option(help="About this application: its id.")]
SinceOption = Annotated[
    datetime | None,
    typer.Option(parser=_moment, metavar="WHEN", help="Given up since: a moment, or 30m, 12h, 7d."),
]
AttemptsOption = Annotated[int | None, typer.Option(min=1, help="That have failed so often.")]
JsonOption = Annotated[bool, typer.Option("--json", help="For programs.")]
AllOption = Annotated[bool, typer.Option("--all", help="Every open letter, without a filter.")]
ExecuteOption = Annotated[
    bool, typer.Option("--execute", "--yes", help="Do it; without this it is only shown.")
]
ByOption = Annotated[
    str | None, typer.Option(help="Who does this; as a rule the user of this machine.")
]


def who(by: str | None) -> str:
    """Name who acts."""
    try:
        name = (by if by is not None else getuser()).strip()
    except (OSError, KeyError):
        name = ""
    if not name:
        msg = "say who does this, as this machine does not know"
        raise typer.BadParameter(msg, param_hint="--by")
    return name


@contextmanager
def plain_troubles(kafka: str, console: Console) -> Iterator[None]:
    """End the command with exit code 1 and a line that says why and what to do."""
    # The client tells each of its own retries; one line is enough.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    try:
        yield
    except TransientError:
        fail(console, f"Kafka at {kafka} cannot be reached. Check the address and start again.")
    except UnknownLetterError as error:
        fail(console, str(error))


def fail(console: Console, why: str) -> None:
    """Say why, and end with exit code 1."""
    console.print(f"error: {why}", style="red", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(1)
