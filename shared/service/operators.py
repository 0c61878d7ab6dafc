"""Options that operators' commands have in common."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from getpass import getuser
from inspect import signature
from typing import Annotated, Any, Final, TypeVar

import typer

from shared.clock import HONG_KONG, utc_now
from shared.events.doors import is_line

ResultT = TypeVar("ResultT")

_AGE: Final = re.compile(r"([0-9]{1,6})([smhdw])")
_TIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"([Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?([Zz]|[+-][0-9]{2}:[0-9]{2})?)?"
)
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
ExecuteOption = Annotated[
    bool, typer.Option("--execute", "--yes", help="Do it; without this, only show the plan.")
]
ByOption = Annotated[
    str | None,
    typer.Option(help="Name recorded with the action.", show_default="the current user"),
]
ReasonOption = Annotated[str | None, typer.Option(help="Only those with this reason.")]


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


def moment(text: str, now: datetime) -> datetime:
    """Parse a time, or an age such as 30m, 12h or 7d; without a zone it is Hong Kong time.

    Raises `ValueError` with a message for the user.
    """
    if age := _AGE.fullmatch(text):
        return now - timedelta(**{_UNITS[age[2]]: int(age[1])})
    try:
        read = datetime.fromisoformat(text if _TIME.fullmatch(text) else "")
    except ValueError:
        msg = f"Must be 2026-11-20, 2026-11-20T15:00+08:00, or an age like 12h, not {text!r}."
        raise ValueError(msg) from None
    return read if read.tzinfo else read.replace(tzinfo=HONG_KONG)


def moment_option(text: str) -> datetime:
    """Parse the value of an option as `moment` does; a parser for typer options."""
    try:
        return moment(text, utc_now())
    except (ValueError, OverflowError) as error:
        raise typer.BadParameter(str(error)) from None


def when_option(meaning: str) -> Any:
    """Return the typer option of a time, for an annotation; help begins with its meaning."""
    text = f"{meaning}: a time, or an age such as 30m, 12h, 7d."
    return typer.Option(parser=moment_option, metavar="WHEN", help=text)


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
