"""How every `cppp` command ends when it cannot go on."""

from typing import NoReturn

import typer
from rich.console import Console


def exit_with_message(message: str, code: int = 1) -> NoReturn:
    """Print `error: <message>` to stderr in one line, without a traceback, and exit with `code`."""
    Console(stderr=True).print(
        f"error: {message}", style="red", markup=False, highlight=False, soft_wrap=True
    )
    raise typer.Exit(code)
