"""The options for a client's API key, as every command that needs one has them."""

from pathlib import Path
from typing import Annotated

import typer

from cli.errors import exit_with_message
from shared.files.form import UnusableFileError, read_text

ApiKeyOption = Annotated[
    str | None, typer.Option(envvar="CPPP_API_KEY", hidden=True, show_default=False)
]
ApiKeyFileOption = Annotated[
    Path | None,
    typer.Option(exists=True, dir_okay=False, help="File with the key; or set CPPP_API_KEY."),
]


def given_key(api_key: str | None, api_key_file: Path | None) -> str | None:
    """Return the API key of the file, otherwise that of the environment, if there is one."""
    if api_key_file is None:
        return api_key
    try:
        return read_text(api_key_file).strip()
    except (OSError, UnusableFileError) as error:
        exit_with_message(str(error))
