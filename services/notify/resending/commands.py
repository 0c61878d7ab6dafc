"""`cppp mails`: list and show mails, and send failed ones again.

Needs the service's `MONGODB_URL` and, for `resend`, its `NOTIFY_SUPPRESSION_SECRET`.
"""

import json
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from typing import Annotated, Final, NoReturn, TypeVar

import typer
from rich.console import Console

from services.notify.delivery.recipients import RecipientResolver, ResolverSettings
from services.notify.model import Resend
from services.notify.resending.display import (
    list_document,
    show_document,
    show_list,
    show_mail,
    show_plan,
)
from services.notify.resending.plan import Plan, make_plan
from services.notify.resending.selection import (
    RESENT_BY_FILTER,
    Selection,
    criteria_options,
    selection_options,
)
from services.notify.settings import SERVICE, NotifySettings
from services.notify.store.records import Criteria, MailRecord, MongoMailRecords, Total
from services.notify.wiring import stores_in
from shared.clock import utc_now
from shared.events.doors import is_line
from shared.mongo import Database
from shared.service.commands import run_on_database
from shared.service.operators import (
    ByOption,
    ExecuteOption,
    JsonOption,
    operator,
    with_options,
)
from shared.settings import exit_if_wrong

ResultT = TypeVar("ResultT")
_TOGETHER: Final = 500

mails = typer.Typer(
    no_args_is_help=True,
    help="List and show mails, and send failed ones again. Addresses are never shown.",
)


@mails.command("list")
@with_options(criteria=criteria_options)
def list_mails(
    *,
    criteria: Criteria,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="List at most this many.")] = 100,
    as_json: JsonOption = False,
) -> None:
    """List mails, the latest first, and count them by state and reason."""

    async def find(records: MongoMailRecords) -> tuple[list[MailRecord], list[Total]]:
        return await records.find(criteria, limit), await records.totals(criteria)

    found, totals = _with_records(find)
    if as_json:
        typer.echo(json.dumps(list_document(found, totals), indent=2))
    else:
        show_list(Console(), found, totals)


@mails.command()
def show(
    mail_id: Annotated[str, typer.Argument(metavar="ID", help="As `list` shows it.")],
    *,
    as_json: JsonOption = False,
) -> None:
    """Show one mail: its fact, each failed attempt with its reason, its end and its resends."""
    found = _with_records(lambda records: records.named([mail_id]))
    if mail_id not in found:
        _exit_unknown([mail_id])
    if as_json:
        typer.echo(json.dumps(show_document(found[mail_id]), indent=2))
    else:
        show_mail(Console(), found[mail_id])


@mails.command()
@with_options(selection=selection_options)
def resend(  # noqa: PLR0913  # one parameter for each option
    *,
    selection: Selection,
    limit: Annotated[
        int,
        typer.Option(min=1, max=20_000, help="At most this many, the latest first."),
    ] = 10_000,
    execute: ExecuteOption = False,
    again: Annotated[
        bool,
        typer.Option("--again", help="Also what was sent, or too old to be mailed; by ID."),
    ] = False,
    because: Annotated[str, typer.Option(help="Reason recorded with each mail.")] = "",
    by: ByOption = None,
) -> None:
    """Send mails again that have ended without being sent; a filter takes permanent failures.

    Shows the plan; with --execute, carries it out: each mail is due at once, and its attempts count
    anew. To resume an interrupted run, or for more than --limit, repeat the same command: it takes
    what is left, and no mail is sent twice.
    """
    if again and not selection.ids:
        msg = "Must be used with IDs of mails, as it would send what has arrived."
        raise typer.BadParameter(msg, param_hint="--again")
    order = Resend(operator(by), utc_now(), _reason(because, is_needed=execute))
    console = Console(stderr=True)
    plan = _plan(selection, limit, again=again)
    show_plan(console, plan)
    if execute:
        _carry_out(console, plan.todo, order)
    elif plan.todo:
        console.print("Nothing was done: this was a dry run. Add --execute to do it.")
    raise typer.Exit(1 if plan.refused else 0)


def _reason(because: str, *, is_needed: bool) -> str:
    if is_line(because) or (not because and not is_needed):
        return because
    msg = "Must say on one line why these mails are sent again."
    raise typer.BadParameter(msg, param_hint="--because")


def _plan(selection: Selection, limit: int, *, again: bool) -> Plan:
    async def plan(database: Database, settings: NotifySettings) -> Plan:
        patience = ResolverSettings(too_old_seconds=settings.too_old_seconds)
        resolver = RecipientResolver(stores_in(database, settings), patience, utc_now)
        records = await _selected(_records_in(database), selection, limit)
        return await make_plan(records, resolver, again=again)

    return _on_database(plan)


async def _selected(
    records: MongoMailRecords, selection: Selection, limit: int
) -> Sequence[MailRecord]:
    if not selection.ids:
        criteria = selection.criteria
        return await records.find(
            replace(criteria, states=criteria.states or RESENT_BY_FILTER), limit
        )
    named = await records.named(selection.ids)
    if unknown := [each for each in selection.ids if each not in named]:
        _exit_unknown(unknown)
    return [named[each][-1] for each in selection.ids][:limit]


def _carry_out(console: Console, todo: Sequence[MailRecord], order: Resend) -> None:
    async def order_all(records: MongoMailRecords) -> set[str]:
        known: set[str] = set()
        for first in range(0, len(todo), _TOGETHER):
            known |= await records.resend(todo[first : first + _TOGETHER], order)
        return known

    known = _with_records(order_all) if todo else set()
    for each in sorted(known):
        console.print(f"{each}: is being sent again already", highlight=False, soft_wrap=True)
    console.print(f"{len(todo) - len(known)} of {len(todo)} due again.", highlight=False)


def _exit_unknown(ids: Collection[str]) -> NoReturn:
    typer.echo(f"No such mail: {', '.join(ids)}. `list` shows all IDs.", err=True)
    raise typer.Exit(1)


def _records_in(database: Database) -> MongoMailRecords:
    return MongoMailRecords(database["notifications"])


def _with_records(use: Callable[[MongoMailRecords], Awaitable[ResultT]]) -> ResultT:
    return run_on_database(SERVICE, lambda database: use(_records_in(database)))


def _on_database(use: Callable[[Database, NotifySettings], Awaitable[ResultT]]) -> ResultT:
    exit_if_wrong([NotifySettings])
    settings = NotifySettings()
    return run_on_database(SERVICE, lambda database: use(database, settings))
