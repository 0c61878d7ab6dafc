"""`cppp orphans`: list applications whose decision or notification is overdue."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, NoReturn

import httpx
import typer
from prometheus_client.parser import text_string_to_metric_families
from rich.console import Console
from rich.table import Table

from cli.errors import exit_with_message
from cli.service_addresses import INTAKE_URL, RECONCILIATION_URL, checked_url, needs_no_proxy
from shared.references import reference_of

_TIMEOUT_SECONDS: Final = 30.0
_FOUND: Final = 1
_UNKNOWN: Final = 2
_MISSING: Final = {"decided": "a decision", "notified": "a notification"}


@dataclass(frozen=True, slots=True)
class Unpublished:
    """The applications that intake has accepted but not published yet."""

    pending: int
    oldest_age_seconds: float


def orphans(
    *,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="List at most this many.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    reconciliation_url: Annotated[str, typer.Option(callback=checked_url)] = RECONCILIATION_URL,
    intake_url: Annotated[str, typer.Option(callback=checked_url)] = INTAKE_URL,
) -> None:
    """List applications that were accepted but not decided, or decided but not notified.

    Exit code 0 if there are none, 1 if there are any, 2 if reconciliation gives no usable answer.
    """
    found = _orphans(reconciliation_url, limit)
    unpublished = _unpublished(intake_url)
    if as_json:
        outbox = {"pending": unpublished.pending} if unpublished else None
        print(json.dumps({**found, "intake_outbox": outbox}, indent=2))
    else:
        _show(Console(), found)
    _warn_if_not_ready(reconciliation_url)
    _warn_of_unpublished(unpublished, intake_url)
    raise typer.Exit(_FOUND if any(found["counts"].values()) else 0)


def _orphans(url: str, limit: int) -> dict[str, Any]:
    try:
        answer = _get(f"{url}/v1/orphans?limit={limit}").json()
        _check(answer)
    except httpx.HTTPStatusError as error:
        _exit(url, f"answers {error.response.status_code}")
    except httpx.TransportError as error:
        _exit(url, f"does not answer ({type(error).__name__}): is it running there?")
    except (ValueError, LookupError, TypeError, AttributeError):
        _exit(url, "gives another program's answer")
    return dict(answer)


def _exit(url: str, why: str) -> NoReturn:
    exit_with_message(f"reconciliation at {url} {why}", _UNKNOWN)


def _check(answer: Mapping[str, Any]) -> None:
    for each in answer["orphans"]:
        _row(each)
    if not all(isinstance(each, int) for each in answer["counts"].values()):
        raise TypeError


def _get(url: str) -> httpx.Response:
    answer = httpx.get(url, timeout=_TIMEOUT_SECONDS, trust_env=not needs_no_proxy(url))
    return answer.raise_for_status()


def _unpublished(url: str) -> Unpublished | None:
    """Read the size of intake's outbox from its metrics, or None if they do not have it."""
    try:
        families = list(text_string_to_metric_families(_get(f"{url}/metrics").text))
    except (httpx.HTTPError, ValueError):
        return None
    values = {each.name: each.value for family in families for each in family.samples}
    if "cppp_outbox_pending" not in values:
        return None
    age = values.get("cppp_outbox_oldest_age_seconds", 0)
    return Unpublished(int(values["cppp_outbox_pending"]), age)


def _warn_if_not_ready(url: str) -> None:
    try:
        _get(f"{url}/readyz")
    except httpx.HTTPError:
        _warn(f"Reconciliation is not ready, so this list may be out of date: see {url}/readyz.")


def _warn_of_unpublished(unpublished: Unpublished | None, url: str) -> None:
    if unpublished is None:
        _warn(f"Unpublished applications are not included: {url}/metrics does not report them.")
    elif unpublished.pending:
        _warn(
            f"Intake has accepted {unpublished.pending} more that are not published yet, "
            f"the oldest for {unpublished.oldest_age_seconds:.0f} seconds."
        )


def _warn(message: str) -> None:
    Console(stderr=True).print(
        message, style="yellow", markup=False, highlight=False, soft_wrap=True
    )


def _show(console: Console, found: Mapping[str, Any]) -> None:
    total = sum(found["counts"].values())
    if not total:
        console.print(
            "No orphans: every accepted application is decided and notified, or not overdue."
        )
        return
    table = Table("Reference", "Application", "Version", "Missing", "Since")
    for each in found["orphans"]:
        table.add_row(*_row(each))
    console.print(table)
    if total > len(found["orphans"]):
        console.print(f"And {total - len(found['orphans'])} more.")


def _row(orphan: Mapping[str, Any]) -> tuple[str, ...]:
    missing = _MISSING.get(orphan["stage"], str(orphan["stage"]))
    application_id = str(orphan["application_id"])
    reference = reference_of(application_id)
    return reference, application_id, str(orphan["version"]), missing, str(orphan["since"])
