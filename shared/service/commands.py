"""Runs operators' commands on a service's database."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import typer

from shared.errors import SetupError, TransientError
from shared.mongo import Database, open_database
from shared.settings import MongoSettings, exit_if_wrong

ResultT = TypeVar("ResultT")


def run_on_database(name: str, use: Callable[[Database], Awaitable[ResultT]]) -> ResultT:
    """Open the database of a service, and return what `use` returns; see `failures_reported`."""

    async def run() -> ResultT:
        async with open_database(MongoSettings(), name) as database:
            return await use(database)

    with failures_reported():
        return asyncio.run(run())


@contextmanager
def failures_reported() -> Iterator[None]:
    """Exit with code 1 and what to do for wrong settings, and if MongoDB cannot be used."""
    exit_if_wrong([MongoSettings])
    try:
        yield
    except SetupError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    except TransientError:
        typer.echo("MongoDB cannot be reached. Check MONGODB_URL and try again.", err=True)
        raise typer.Exit(1) from None
