"""What goes wrong with the embedded stack is told in a line, not in a traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from devstack.errors import StackError


@contextmanager
def plain_errors() -> Iterator[None]:
    """End the command with exit code 1 and a line that says why and what to do."""
    try:
        yield
    except (StackError, OSError) as error:
        typer.secho(f"error: {error}", fg="red", err=True)
        raise typer.Exit(1) from None
