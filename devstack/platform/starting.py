"""The output while a stack starts."""

import time

from rich.console import Console

from devstack.stack.stack import Stack


def line_console() -> Console:
    """Return a console that does not wrap lines, so that paths and addresses can be copied."""
    return Console(soft_wrap=True, highlight=False, markup=False)


def start_shown(stack: Stack, console: Console) -> None:
    """Start the stack, with a line for each program when it is ready.

    Raises `StackError` if it does not start.
    """
    started_at = time.monotonic()

    def on_ready(name: str) -> None:
        console.print(f"  {name} is ready ({time.monotonic() - started_at:.1f} s)")

    console.print("Starting …")
    with console.status("Kafka, MongoDB and the services take a few seconds"):
        stack.start(on_ready)
