"""The argument of commands about one application: its id, or its reference."""

from contextlib import suppress
from typing import Annotated, Final
from uuid import UUID

import httpx
import typer

from cli.errors import exit_with_message
from cli.service_addresses import needs_no_proxy
from services.intake.lookup import applications_with
from shared.references import parse_reference

ApplicationArgument = Annotated[
    str, typer.Argument(metavar="ID|REFERENCE", help="As its receipt or its mails show it.")
]

_TIMEOUT_SECONDS: Final = 10.0
_NONE: Final = "No application with the reference {} was found. Check it against the mail."
_SEVERAL: Final = "Several applications have this reference. Give the ID of one of them: {}"


def application_id_of(identifier: str, intake_url: str, api_key: str | None) -> str:
    """Return the id that was given, or the only one with the reference that was given.

    A reference is looked up with the client's key, or without one in MongoDB. Ends the command with
    a message if there is not exactly one.
    """
    with suppress(ValueError):
        return str(UUID(identifier))
    reference = parse_reference(identifier)
    if reference is None:
        msg = (
            "Must be an ID, such as 383dd6c4-d698-8d4c-899f-4659b671ad9c, or a reference, such as "
            "70YX-DH6P-K3AV: 12 characters, of which the last one checks the others."
        )
        raise typer.BadParameter(msg)
    if api_key:
        found = _ids_of_client(reference, intake_url, api_key)
    else:
        found = [each.application_id for each in applications_with(reference)]
    if len(found) != 1:
        ids = ", ".join(found)
        exit_with_message(_SEVERAL.format(ids) if found else _NONE.format(reference))
    return found[0]


def _ids_of_client(reference: str, intake_url: str, api_key: str) -> list[str]:
    try:
        answer = httpx.get(
            f"{intake_url}/v1/applications",
            params={"reference": reference},
            headers={"Authorization": f"Bearer {api_key}"},
            timeout=_TIMEOUT_SECONDS,
            trust_env=not needs_no_proxy(intake_url),
        )
        answer.raise_for_status()
        return [each["application_id"] for each in answer.json()]
    except httpx.HTTPStatusError as error:
        exit_with_message(f"intake answers {error.response.status_code}: check the API key.")
    except httpx.TransportError as error:
        exit_with_message(f"{intake_url} does not respond ({type(error).__name__}).")
