"""`cppp import-rulings`: publishes what officers have ruled, and which projects are completed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from cli.import_rulings.receipts import receipts_beside
from cli.import_rulings.run import Report, Target, check_file, publish_file
from cli.import_rulings.source import UnusableFileError
from cli.ndjson import count_lines
from shared.clock import hong_kong_date, utc_now
from shared.errors import TransientError
from shared.events.casework import RULINGS
from shared.settings import KafkaSettings

_KAFKA: Final = "127.0.0.1:9092"
_LISTED: Final = 20
HELP: Final = """Publish rulings and completions from FILE.csv or FILE.ndjson.

Every line is checked before anything is published; with an error in any of them nothing is,
unless `--skip-invalid` is given. Run it again to go on after an interruption, or with more lines:
FILE.receipts.ndjson knows what is published, and a repeat is the same event to its last byte.

\b
COLUMNS (fields of NDJSON)
  type                         CaseRuled or ProjectCompleted
  application_id               as its receipt names it; or in its place
  case_number                  of a case from before this platform
\b
CaseRuled
  version                      of the application that was ruled on: 1, 2, …
  ruling_id                    your own reference; a repeat is the same ruling
  step                         funding, document-check, on-site-assessment,
                               joint-committee, violation-check, notice-period
  ruling                       approved or refused
  ruled_at                     2026-11-20T15:00:00+08:00
  adjusted_cost_cents          funding only; a lower eligible cost
  grant_cents                  funding only; where no term lays it down
  notice_from, notice_to       notice-period only; both days included
  reason_code, reason_source,  the officer's own reason, all five or none
  reason_en, reason_zh_hant,   (NDJSON: a list `reasons` of objects with
  reason_zh_hans               code, source, en, zh_hant, zh_hans)
\b
ProjectCompleted
  stream                       assessment, demonstration, …
  factory_registration_number
  completed_on                 2024-05-31
  report_approved              true or false
  recommended_measures         of the approved report; in CSV separated by |
\b
Empty cells are left out. docs/rulings.md has examples.
"""


def import_rulings(  # noqa: D103, PLR0913  # its docstring is `HELP`, and what can be given on the command line
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, metavar="FILE")],
    *,
    kafka: Annotated[
        str, typer.Option(envvar="KAFKA_BOOTSTRAP_SERVERS", help="Comma-separated host:port.")
    ] = _KAFKA,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check only; publish nothing.")
    ] = False,
    skip_invalid: Annotated[
        bool, typer.Option("--skip-invalid", help="Publish the lines that are right.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Publish also what the receipts say is published.")
    ] = False,
    give_up_after: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="How long Kafka may be away.")
    ] = 60,
    receipts: Annotated[Path | None, typer.Option(help="Where to note what is published.")] = None,
) -> None:
    console = Console(stderr=True)
    target = Target(_settings(kafka), receipts or receipts_beside(file), give_up_after, again)
    today = hong_kong_date(utc_now())
    try:
        with _bar(console, "checking", count_lines(file)) as advance_to:
            report = check_file(file, today, advance_to)
        _show(console, report)
        if dry_run or (report.wrong and not skip_invalid):
            _stop_before_publishing(console, report)
        with _counted(console, "publishing", report.right.total()) as advance:
            published = publish_file(file, today, target, advance)
    except TransientError:
        _fail(console, f"Kafka at {kafka} cannot be reached. Check the address and start again.")
    except (UnusableFileError, OSError, ValueError) as error:
        _fail(console, str(error))
    else:
        earlier = f" ({published.earlier} were published earlier)" if published.earlier else ""
        console.print(f"Published {published.now} to {RULINGS.name}{earlier}.")
        raise typer.Exit(1 if report.wrong else 0)


import_rulings.__doc__ = HELP


def _settings(bootstrap_servers: str) -> KafkaSettings:
    try:
        return KafkaSettings(bootstrap_servers=bootstrap_servers)
    except ValidationError:
        msg = f"{bootstrap_servers!r} has to be host:port, or several with commas between"
        raise typer.BadParameter(msg, param_hint="--kafka") from None


def _fail(console: Console, why: str) -> None:
    console.print(f"error: {why}", style="red", markup=False, highlight=False)
    raise typer.Exit(1)


def _stop_before_publishing(console: Console, report: Report) -> None:
    if report.wrong:
        console.print("Nothing was published. Correct these lines, or use --skip-invalid.")
        raise typer.Exit(1)
    console.print("Nothing was published: this was a dry run.")
    raise typer.Exit(0)


def _show(console: Console, report: Report) -> None:
    counts = ", ".join(f"{count} {kind}" for kind, count in sorted(report.right.items()))
    repeats = f"; {report.repeated} said twice" if report.repeated else ""
    console.print(f"Right: {counts or 'none'}{repeats}. Wrong lines: {report.wrong}.")
    if not report.complaints:
        return
    table = Table("Line", "Field", "Rule")
    for each in report.complaints[:_LISTED]:
        table.add_row(str(each.line), escape(each.field), escape(each.rule))
    console.print(table)
    if len(report.complaints) > _LISTED:
        console.print(f"And {len(report.complaints) - _LISTED} more complaints.")


@contextmanager
def _bar(console: Console, what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show a bar while inside; what is yielded sets how far it is."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)


@contextmanager
def _counted(console: Console, what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show a bar while inside; what is yielded moves it on."""
    done = 0
    with _bar(console, what, total) as advance_to:

        def advance(count: int) -> None:
            nonlocal done
            done += count
            advance_to(done)

        yield advance
