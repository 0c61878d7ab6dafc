"""The arguments and options of the dead-letter commands, and the error messages for both."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from getpass import getuser
from inspect import signature
from typing import Annotated, Any, TypeVar

import typer

from cli.dead_letters.letter import LetterId
from cli.dead_letters.selection import Filter, Selection, moment
from cli.dead_letters.topics import UnknownLetterError
from cli.errors import exit_with_message
from cli.kafka_option import unreachable
from shared.clock import utc_now
from shared.errors import TransientError
from shared.events.doors import is_line

ResultT = TypeVar("ResultT")


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
_LetterArguments = Annotated[
    list[LetterId] | None,
    typer.Argument(parser=_letter_id, metavar="[ID]...", help="GROUP/PARTITION/OFFSET"),
]
GroupOption = Annotated[str | None, typer.Option(help="Only letters of this consumer group.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
ExecuteOption = Annotated[
    bool, typer.Option("--execute", "--yes", help="Do it; without this, only show the plan.")
]
ByOption = Annotated[
    str | None,
    typer.Option(help="Name recorded with the action.", show_default="the current user"),
]


def with_options(
    **builders: Callable[..., Any],
) -> Callable[[Callable[..., ResultT]], Callable[..., ResultT]]:
    """Replace parameters of a function by the options from which their values are built.

    With `criteria=filter_options` the parameter `criteria` is replaced by the parameters of
    `filter_options`, and gets what that function returns.
    """

    def decorate(function: Callable[..., ResultT]) -> Callable[..., ResultT]:
        options = {name: signature(build).parameters for name, build in builders.items()}
        own = signature(function)

        @wraps(function)
        def expanded(**given: Any) -> ResultT:
            built = {
                name: build(**{each: given.pop(each) for each in options[name]})
                for name, build in builders.items()
            }
            return function(**given, **built)

        parameters = [
            each
            for name, parameter in own.parameters.items()
            for each in (options[name].values() if name in options else [parameter])
        ]
        vars(expanded)["__signature__"] = own.replace(parameters=parameters)
        return expanded

    return decorate


def filter_options(
    *,
    reason: Annotated[str | None, typer.Option(help="Only letters with this reason.")] = None,
    topic: Annotated[
        str | None, typer.Option(help="Only letters from this original topic.")
    ] = None,
    key: Annotated[
        str | None, typer.Option(help="Only letters of this application: its ID or its reference.")
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            parser=_moment,
            metavar="WHEN",
            help="Only letters dead-lettered since: a time, or an age such as 30m, 12h, 7d.",
        ),
    ] = None,
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


def operator(by: str | None) -> str:
    """Return the name to record with an action: `by`, or else the current user's."""
    try:
        name = (by if by is not None else getuser()).strip()
    except (OSError, KeyError):
        name = ""
    if not is_line(name):
        msg = "Must be your name on one line; the current user has none."
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
