"""The suppression list: `python -m services.notify.suppressions add|list|remove`.

Needs only the service's `MONGODB_URL` and `NOTIFY_SUPPRESSION_SECRET`.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer
from email_validator import EmailNotValidError, validate_email

from services.notify.settings import SERVICE, NotifySettings
from services.notify.store.suppressions import MongoSuppressions
from services.notify.wiring import stores_in
from shared.clock import utc_now
from shared.service.commands import run_on_database
from shared.settings import exit_if_wrong

ResultT = TypeVar("ResultT")
app = typer.Typer(
    no_args_is_help=True,
    help="Suppress addresses: no message is sent to them, for any application.",
)


@app.command()
def add(
    address: Annotated[str, typer.Argument(help="An e-mail address, or - to be asked for it.")],
) -> None:
    """Suppress an address, and print the id that is stored in its place."""
    wanted = _address(address)

    async def added(store: MongoSuppressions) -> tuple[str, bool]:
        is_known = wanted in await store.among([wanted])
        return await store.add(wanted, "operator", utc_now()), is_known

    suppression_id, is_known = _with_suppressions(added)
    typer.echo(suppression_id)
    if is_known:
        typer.echo("The address was suppressed already; its entry stays as it was.", err=True)


@app.command("list")
def list_suppressions() -> None:
    """List all suppressions: id, since when, and why. Addresses are not stored."""
    for each in _with_suppressions(lambda store: store.all()):
        typer.echo(f"{each.id}  {each.since:%Y-%m-%d %H:%M}Z  {each.cause}")


@app.command()
def remove(
    address: Annotated[
        str,
        typer.Argument(
            metavar="ADDRESS|ID", help="The address or its id, or - to be asked for it."
        ),
    ],
) -> None:
    """Remove an address from the list. Messages that failed meanwhile are not sent later."""
    wanted = _prompted(address)
    if not _with_suppressions(lambda store: store.remove(wanted)):
        typer.echo("That address is not suppressed. `list` shows all ids.", err=True)
        raise typer.Exit(1)


def _prompted(address: str) -> str:
    """Prompt for a value that must not be in the shell's history."""
    return str(typer.prompt("Address", err=True) if address == "-" else address).strip()


def _address(given: str) -> str:
    address = _prompted(given)
    try:
        validate_email(address, check_deliverability=False)
    except EmailNotValidError:
        typer.echo("Not an e-mail address: give one such as name@example.com.", err=True)
        raise typer.Exit(2) from None
    return address


def _with_suppressions(use: Callable[[MongoSuppressions], Awaitable[ResultT]]) -> ResultT:
    exit_if_wrong([NotifySettings])
    settings = NotifySettings()
    return run_on_database(
        SERVICE, lambda database: use(stores_in(database, settings).suppressions)
    )


if __name__ == "__main__":
    app()
