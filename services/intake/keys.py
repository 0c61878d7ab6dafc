"""API keys of systems: `python -m services.intake.keys create|grant|deny|list|revoke`.

Needs only the service's `MONGODB_URL`.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, TypeVar

import typer

from services.intake.access.authentication import new_key
from services.intake.settings import SERVICE
from services.intake.store.api_keys import ApiKey, MongoApiKeys, Right
from shared.clock import utc_now
from shared.events.doors import is_line
from shared.service.commands import run_on_database

ResultT = TypeVar("ResultT")
KeyId = Annotated[str, typer.Argument(metavar="ID", help="The key's id, as shown by `list`.")]
Rights = Annotated[list[Right], typer.Option(help="The right; may be repeated.")]
app = typer.Typer(
    no_args_is_help=True,
    help="Create, list and revoke API keys of intake, and change their rights.",
)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="The key's owner; shown by `list`.")],
    right: Annotated[
        list[Right] | None, typer.Option(help="A right beyond submitting; may be repeated.")
    ] = None,
) -> None:
    """Create a key and print it on standard output. It is shown only this once."""
    if not is_line(name):
        typer.echo("NAME must be on one line with something visible on it.", err=True)
        raise typer.Exit(2)
    key = new_key()
    record = ApiKey(key.id, name, key.secret_sha256, frozenset(right or ()), utc_now())
    _with_keys(lambda keys: keys.add(record))
    typer.echo(key.text)


@app.command("list")
def list_keys() -> None:
    """List every key: id, rights, times of creation and revocation, and name."""
    for key in _with_keys(lambda keys: keys.all()):
        typer.echo(_line(key))


@app.command()
def grant(key_id: KeyId, right: Rights) -> None:
    """Grant rights to a key; running services apply them within seconds."""
    _show(key_id, _with_keys(lambda keys: keys.grant(key_id, right)))


@app.command()
def deny(key_id: KeyId, right: Rights) -> None:
    """Remove rights from a key; running services apply it within seconds."""
    _show(key_id, _with_keys(lambda keys: keys.deny(key_id, right)))


@app.command()
def revoke(
    key_id: KeyId,
) -> None:
    """Revoke a key permanently; running services refuse it within seconds."""
    _show(key_id, _with_keys(lambda keys: keys.revoke(key_id, utc_now())))


def _with_keys(use: Callable[[MongoApiKeys], Awaitable[ResultT]]) -> ResultT:
    return run_on_database(SERVICE, lambda database: use(MongoApiKeys(database["clients"])))


def _show(key_id: str, key: ApiKey | None) -> None:
    if key is None:
        typer.echo(f"No key has the id {key_id!r}. `list` shows all ids.", err=True)
        raise typer.Exit(1)
    typer.echo(_line(key))


def _line(key: ApiKey) -> str:
    rights = ",".join(sorted(key.rights)) or "-"
    state = f"revoked {_minute(key.revoked_at)}" if key.revoked_at else "valid"
    return f"{key.id}  {state:24}  {rights:13}  {_minute(key.created_at)}  {key.name}"


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}Z"


if __name__ == "__main__":
    app()
