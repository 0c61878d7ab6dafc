"""The options by which `list` and `resend` select mails."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

import typer

from services.notify.model import State
from services.notify.store.records import Criteria
from shared.events.notify import Template
from shared.references import parse_reference
from shared.service.operators import ReasonOption, when_option, with_options

RESENT_BY_FILTER: Final[tuple[State, ...]] = ("permanent-failure",)


@dataclass(frozen=True, slots=True)
class Selection:
    """Mails named by id, or those that match criteria."""

    ids: Sequence[str]
    criteria: Criteria


def _application_option(text: str) -> str:
    reference = parse_reference(text)
    if reference:
        return reference
    try:
        return str(UUID(text))
    except ValueError:
        msg = "Must be the ID of an application, or a reference such as 70YX-DH6P-K3AV."
        raise typer.BadParameter(msg) from None


def criteria_options(  # noqa: PLR0913  # one parameter for each option
    *,
    state: Annotated[State | None, typer.Option(help="Only mails in this state.")] = None,
    reason: ReasonOption = None,
    template: Annotated[
        Template | None, typer.Option(help="Only mails with this template.")
    ] = None,
    application: Annotated[
        str | None,
        typer.Option(
            parser=_application_option,
            metavar="ID|REFERENCE",
            help="Only mails about this application.",
        ),
    ] = None,
    since: Annotated[datetime | None, when_option("Only mails that ended since")] = None,
    until: Annotated[datetime | None, when_option("Only mails that ended before")] = None,
) -> Criteria:
    """Return the criteria that the options describe."""
    return Criteria((state,) if state else (), reason, template, application, since, until)


@with_options(criteria=criteria_options)
def selection_options(
    *,
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="As `list` shows them.")
    ] = None,
    criteria: Criteria,
    every: Annotated[
        bool, typer.Option("--all", help="All that failed permanently, without a filter.")
    ] = False,
) -> Selection:
    """Return the mails to send again; raises `typer.BadParameter` unless one way is used."""
    is_filtered = criteria != Criteria()
    if ids and (is_filtered or every):
        msg = "Must be IDs of mails or a filter, not both."
        raise typer.BadParameter(msg)
    if not ids and not is_filtered and not every:
        msg = "Must be IDs of mails, a filter such as --reason, or --all."
        raise typer.BadParameter(msg)
    return Selection(tuple(dict.fromkeys(ids or ())), criteria)
