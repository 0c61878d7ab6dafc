"""`cppp orphans`: versions of applications that wait too long for what has to follow."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, NoReturn

import httpx
import typer
from prometheus_client.parser import text_string_to_metric_families
from rich.console import Console
from rich.table import Table

from cli.service_addresses import INTAKE_URL, RECONCILIATION_URL, checked_url, needs_no_proxy

_TIMEOUT_SECONDS: Final = 30.0
_FOUND: Final = 1
_UNKNOWN: Final = 2
_MISSING: Final = {"decided": "a decision", "notified": "a notification"}


@dataclass(frozen=True, slots=True)
class Outbox:
    """What intake has accepted and not published yet."""

    pending: int
    oldest_age_seconds: float


def orphans(
    *,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="The most that are listed.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    reconciliation_url: Annotated[str, typer.Option(callback=checked_url)] = RECONCILIATION_URL,
    intake_url: Annotated[str, typer.Option(callback=checked_url)] = INTAKE_URL,
) -> None:
    """List what was accepted and never decided, or decided and nobody told.

    Exit code 0 if there is none, 1 if there are any, 2 if nobody can tell.
    """
    errors = Console(stderr=True)
    found = _orphans(reconciliation_url, limit, errors)
    outbox = _outbox(intake_url)
    if as_json:
        kept = {"pending": outbox.pending} if outbox else None
        print(json.dumps({**found, "intake_outbox": kept}, indent=2))
    else:
        _show(Console(), found)
    _mention_readiness(reconciliation_url, errors)
    _mention(outbox, intake_url, errors)
    raise typer.Exit(_FOUND if any(found["counts"].values()) else 0)


def _orphans(url: str, limit: int, errors: Console) -> dict[str, Any]:
    try:
        answer = _ask(f"{url}/v1/orphans?limit={limit}").json()
        _check(answer)
    except httpx.HTTPStatusError as error:
        _fail(errors, url, f"answers {error.response.status_code}")
    except httpx.TransportError as error:
        _fail(errors, url, f"gives no answer ({type(error).__name__}): is it running there?")
    except (ValueError, LookupError, TypeError, AttributeError):
        _fail(errors, url, "gives another program's answer")
    return dict(answer)


def _check(answer: Mapping[str, Any]) -> None:
    for each in answer["orphans"]:
        _row(each)
    if not all(isinstance(each, int) for each in answer["counts"].values()):
        raise TypeError


def _ask(url: str) -> httpx.Response:
    answer = httpx.get(url, timeout=_TIMEOUT_SECONDS, trust_env=not needs_no_proxy(url))
    return answer.raise_for_status()


def _fail(errors: Console, url: str, why: str) -> NoReturn:
    message = f"error: reconciliation at {url} {why}"
    errors.print(message, style="red", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(_UNKNOWN)


def _outbox(url: str) -> Outbox | None:
    """Ask intake what no topic shows yet; nothing if it does not say."""
    try:
        families = list(text_string_to_metric_families(_ask(f"{url}/metrics").text))
    except (httpx.HTTPError, ValueError):
        return None
    values = {each.name: each.value for family in families for each in family.samples}
    if "cppp_outbox_pending" not in values:
        return None
    age = values.get("cppp_outbox_oldest_age_seconds", 0)
    return Outbox(int(values["cppp_outbox_pending"]), age)


def _mention_readiness(url: str, errors: Console) -> None:
    """Say so if the service cannot see what goes on: then it knows of no new orphans, either."""
    try:
        _ask(f"{url}/readyz")
    except httpx.HTTPError:
        said = f"But reconciliation is not ready, and may not know the latest: see {url}/readyz."
        errors.print(said, style="yellow", markup=False, highlight=False, soft_wrap=True)


def _mention(outbox: Outbox | None, url: str, errors: Console) -> None:
    if outbox is None:
        said = f"Whether intake holds back more is not known: {url}/metrics does not say."
    elif outbox.pending:
        said = (
            f"Intake has accepted {outbox.pending} more that are not on their topic yet, "
            f"the oldest for {outbox.oldest_age_seconds:.0f} seconds."
        )
    else:
        return
    errors.print(said, style="yellow", markup=False, highlight=False, soft_wrap=True)


def _show(console: Console, found: Mapping[str, Any]) -> None:
    total = sum(found["counts"].values())
    if not total:
        console.print("No orphans: everything that was accepted is decided and told, or in time.")
        return
    table = Table("Application", "Version", "Misses", "Since")
    for each in found["orphans"]:
        table.add_row(*_row(each))
    console.print(table)
    if total > len(found["orphans"]):
        console.print(f"And {total - len(found['orphans'])} more.")


def _row(orphan: Mapping[str, Any]) -> tuple[str, str, str, str]:
    missing = _MISSING.get(orphan["stage"], str(orphan["stage"]))
    return str(orphan["application_id"]), str(orphan["version"]), missing, str(orphan["since"])
