"""`cppp demo`: run the samples through the whole platform and compare every outcome."""

import os
from typing import Annotated

import typer

from cli.errors import exit_with_message
from cli.submit.samples import submit_samples
from devstack.errors import StackError
from devstack.stack.tether import tie_to_parent


def demo(*, end_with_parent: Annotated[bool, typer.Option(hidden=True)] = False) -> None:
    """Process 1,000 sample applications on free ports and compare every outcome."""
    # It needs a second Kafka client, which only the development requirements install.
    from devstack.platform.demo import demo as run_demo  # noqa: PLC0415

    if end_with_parent:
        tie_to_parent("TERM", os.getppid())
    try:
        is_right = run_demo(submit_samples)
    except (StackError, OSError) as error:
        exit_with_message(str(error))
    raise typer.Exit(0 if is_right else 1)
