"""`cppp status`: show the state of an application in every service."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Final

import httpx
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cli.api_key_option import ApiKeyFileOption, ApiKeyOption, given_key
from cli.application_argument import ApplicationArgument, application_id_of
from cli.service_addresses import (
    ELIGIBILITY_URL,
    INTAKE_URL,
    NOTIFY_URL,
    RECOGNITION_URL,
    checked_url,
    needs_no_proxy,
)
from shared.references import reference_of

_TIMEOUT_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table; `is_trouble` if a service is down or does not know the id."""

    service: str
    what: str
    details: str = ""
    is_trouble: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A request to one service, how to read its answer, and what its 404 means."""

    service: str
    url: str
    read: Callable[[Any], Iterable[tuple[str, str]]]
    not_found: str
    must_know: bool = False


def status(  # noqa: PLR0913  # one parameter for each option
    identifier: ApplicationArgument,
    *,
    intake_url: Annotated[str, typer.Option(callback=checked_url)] = INTAKE_URL,
    eligibility_url: Annotated[str, typer.Option(callback=checked_url)] = ELIGIBILITY_URL,
    recognition_url: Annotated[str, typer.Option(callback=checked_url)] = RECOGNITION_URL,
    notify_url: Annotated[str, typer.Option(callback=checked_url)] = NOTIFY_URL,
    api_key: ApiKeyOption = None,
    api_key_file: ApiKeyFileOption = None,
) -> None:
    """Show the state of an application: accepted, decided and why, and which mails were sent.

    A reference is looked up with the client's API key, or without one as the operator, in MongoDB
    (MONGODB_URL).
    """
    application_id = application_id_of(identifier, intake_url, given_key(api_key, api_key_file))
    # An application is decided by eligibility or by recognition, never by both.
    undecided = "no decision of this service"
    rows = [
        row
        for query in (
            Query(
                "intake", f"{intake_url}/v1/applications", _accepted, "unknown id", must_know=True
            ),
            Query("eligibility", f"{eligibility_url}/v1/decisions", _decided, undecided),
            Query("recognition", f"{recognition_url}/v1/decisions", _decided, undecided),
            Query("notify", f"{notify_url}/v1/notifications", _notified, "no notification"),
        )
        for row in fetch(query, application_id)
    ]
    Console().print(_table(application_id, rows))
    raise typer.Exit(1 if any(row.is_trouble for row in rows) else 0)


def fetch(query: Query, application_id: str) -> Sequence[Row]:
    """Query one service about an application; a failure becomes a row too."""
    service = query.service
    try:
        answer = httpx.get(
            f"{query.url}/{application_id}",
            timeout=_TIMEOUT_SECONDS,
            trust_env=not needs_no_proxy(query.url),
        )
        if answer.status_code == HTTPStatus.NOT_FOUND:
            return [Row(service, query.not_found, is_trouble=query.must_know)]
        answer.raise_for_status()
        return [Row(service, *texts) for texts in query.read(answer.json())]
    except httpx.HTTPStatusError as error:
        trouble = f"answers {error.response.status_code}"
    except httpx.TransportError as error:
        trouble = f"no response ({type(error).__name__}): is it running there?"
    except (ValueError, LookupError, TypeError, AttributeError):
        trouble = "this is another program's answer"
    return [Row(service, "unavailable", f"{query.url}: {trouble}", is_trouble=True)]


def _accepted(answer: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield answer["status"], f"{answer['stream']}, received {answer['received_at']}"


def _decided(answer: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for decision in answer:
        reasons = (f"{each['en']} ({each['source']})" for each in decision["reasons"])
        yield decision["outcome"], "\n".join([*_grant(decision), *reasons])


def _grant(decision: Mapping[str, Any]) -> Iterator[str]:
    cents = decision.get("grant_cents")
    if cents:
        yield f"grant HK${cents // 100:,}.{cents % 100:02}"


def _notified(answer: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for notification in answer:
        when_or_why = notification["sent_at"] or notification.get("reason") or ""
        yield notification["state"], f"{notification['template']} {when_or_why}"


def _table(application_id: str, rows: Iterable[Row]) -> Table:
    title = f"Application {reference_of(application_id)} ({application_id})"
    table = Table("Service", "What", "Details", title=title)
    for row in rows:
        table.add_row(
            row.service,
            escape(row.what),
            escape(row.details),
            style="red" if row.is_trouble else None,
        )
    return table
