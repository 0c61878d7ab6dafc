"""The suppression list: `python -m services.notify.suppressions add|list|remove`.

Needs only the service's `MONGODB_URL` and `NOTIFY_SUPPRESSION_SECRET`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer
from email_validator import EmailNotValidError, validate_email

from services.notify.settings import SERVICE, NotifySettings
from services.notify.store.suppressions import MongoSuppressions
from services.notify.wiring import stores_in
from shared.clock import utc_now
from shared.errors import TransientError
from shared.mongo import open_database
from shared.settings import MongoSettings

ResultT = TypeVar("ResultT")
app = typer.Typer(
    no_args_is_help=True,
    help="Suppress addresses: no message is sent to them, whatever application names them.",
)


@app.command()
def add(
    address: Annotated[str, typer.Argument(help="An e-mail address; - asks for it.")],
) -> None:
    """Suppress an address, and print the id that is stored in its place."""
    wanted = _address(address)

    async def added(kept: MongoSuppressions) -> tuple[str, bool]:
        is_known = wanted in await kept.among([wanted])
        return await kept.add(wanted, "operator", utc_now()), is_known

    suppression_id, is_known = _with_suppressions(added)
    typer.echo(suppression_id)
    if is_known:
        typer.echo("That address was suppressed already; its entry stays as it was.", err=True)


@app.command("list")
def list_suppressions() -> None:
    """List all suppressions: id, since when, and why. Addresses are not stored."""
    for each in _with_suppressions(lambda kept: kept.all()):
        typer.echo(f"{each.id}  {each.since:%Y-%m-%d %H:%M}Z  {each.cause}")


@app.command()
def remove(
    address: Annotated[
        str, typer.Argument(metavar="ADDRESS|ID", help="The address, or its id; - asks for it.")
    ],
) -> None:
    """Remove an address from the list. Messages that failed meanwhile are not sent later."""
    wanted = _asked(address)
    if not _with_suppressions(lambda kept: kept.remove(wanted)):
        typer.echo("That address is not suppressed; `list` shows the ids of all.", err=True)
        raise typer.Exit(1)


def _asked(address: str) -> str:
    """Prompt for a value that must not be in the shell's history."""
    return str(typer.prompt("Address", err=True)) if address == "-" else address


def _address(given: str) -> str:
    address = _asked(given)
    try:
        validate_email(address, check_deliverability=False)
    except EmailNotValidError:
        typer.echo("That is no e-mail address: give one such as name@example.com.", err=True)
        raise typer.Exit(2) from None
    return address


def _with_suppressions(use: Callable[[MongoSuppressions], Awaitable[ResultT]]) -> ResultT:
    async def opened() -> ResultT:
        async with open_database(MongoSettings(), SERVICE) as database:
            return await use(stores_in(database, NotifySettings()).suppressions)

    try:
        return asyncio.run(opened())
    except TransientError:
        typer.echo("MongoDB cannot be reached. Check MONGODB_URL and try again.", err=True)
        raise typer.Exit(1) from None


if __name__ == "__main__":
    app()
