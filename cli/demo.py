"""`cppp demo`: the samples go through the whole platform, and every outcome is compared."""

import os
from typing import Annotated

import typer

from cli.plain_errors import plain_errors
from cli.submit.samples import submit_samples
from devstack.stack.tether import tie_to_parent


def demo(*, end_with_parent: Annotated[bool, typer.Option(hidden=True)] = False) -> None:
    """Show on free ports, in a temporary folder, that 1,000 applications end as they should."""
    # It needs a second Kafka client, which only the development packages have.
    from devstack.platform.demo import demo as run_demo  # noqa: PLC0415

    if end_with_parent:
        tie_to_parent("TERM", os.getppid())
    with plain_errors():
        is_right = run_demo(submit_samples)
    raise typer.Exit(0 if is_right else 1)
