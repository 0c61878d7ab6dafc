"""`cppp up`: run the whole platform on this machine, in the foreground."""

import os
from pathlib import Path
from typing import Annotated

import typer

from cli.content.samples import publish_samples
from cli.errors import exit_with_message
from cli.submit.samples import submit_samples
from devstack.errors import StackError
from devstack.platform import up as devstack_up
from devstack.platform.parent import never, stopping_parent
from devstack.platform.samples import Samples
from devstack.stack.tether import tie_to_parent

_FOLDER = Path("var")


def up(
    *,
    folder: Annotated[Path, typer.Option(help="Where data, mails and logs are stored.")] = _FOLDER,
    end_with_parent: Annotated[bool, typer.Option(hidden=True)] = False,
) -> None:
    """Run Kafka, MongoDB, a mail sink and all services until Ctrl-C."""
    if end_with_parent:
        tie_to_parent("TERM", os.getppid())
    must_stop = stopping_parent() if end_with_parent else never
    try:
        devstack_up.up(folder, Samples(submit_samples, publish_samples), must_stop)
    except (StackError, OSError) as error:
        exit_with_message(str(error))
