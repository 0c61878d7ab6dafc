"""The options for a client's API key, as every command that needs one has them."""

from pathlib import Path
from typing import Annotated

import typer

ApiKeyOption = Annotated[
    str | None, typer.Option(envvar="CPPP_API_KEY", hidden=True, show_default=False)
]
ApiKeyFileOption = Annotated[
    Path | None,
    typer.Option(exists=True, dir_okay=False, help="File with the key; or set CPPP_API_KEY."),
]


def given_key(api_key: str | None, api_key_file: Path | None) -> str | None:
    """Return the API key of the file, otherwise that of the environment, if there is one."""
    return api_key_file.read_text(encoding="utf-8").strip() if api_key_file else api_key
