"""`cppp import-rulings`: publish officers' rulings and completed projects from a file."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from cli.errors import exit_with_message
from cli.import_rulings.check import Complaint
from cli.import_rulings.run import Published, Report, Target, check_file, publish_file
from cli.kafka_option import DEFAULT_KAFKA, KafkaOption, kafka_settings, unreachable
from cli.receipt_file import receipts_beside
from cli.repeats import repeated_lines
from shared.clock import hong_kong_date, utc_now
from shared.errors import TransientError
from shared.events.casework import RULINGS
from shared.files.ndjson import count_lines

_LISTED: Final = 20
_NOTHING_PUBLISHED: Final = "Nothing was published. Correct these lines, or use --skip-invalid."
HELP: Final = """Publish rulings, objections and completions from FILE.csv or FILE.ndjson.

Every line is checked before anything is published; if any line is invalid nothing is published,
unless `--skip-invalid` is given. To resume after an interruption, or after adding lines, run the
same command again: FILE.receipts.ndjson records what is published, and publishing a line again
produces exactly the same event.


\b
COLUMNS (fields of NDJSON)
  type                         CaseRuled, ObjectionReceived or ProjectCompleted
  application_id               from its receipt; or instead of it
  case_number                  of a case older than this platform
\b
CaseRuled
  version                      of the application that was ruled on: 1, 2, …
  ruling_id                    your own reference; a repeat is the same ruling
  step                         funding, document-check, on-site-assessment,
                               joint-committee, violation-check, notice-period
  ruling                       approved or refused
  ruled_at                     2026-11-20T15:00:00+08:00
  adjusted_cost_cents          funding only; a lower eligible cost
  grant_cents                  funding only; if no rule determines it
  notice_from, notice_to       notice-period only; both days included
  objection_id                 notice-period only: the objection ruled on;
                               approved dismisses it, refused upholds it
  reason_code, reason_source,  the officer's own reason, all five or none
  reason_en, reason_zh_hant,   (NDJSON: a list `reasons` of objects with
  reason_zh_hans               code, source, en, zh_hant, zh_hans)
\b
ObjectionReceived              no label is awarded until it is ruled on
  objection_id                 your own reference
  received_at                  2026-11-20T15:00:00+08:00
\b
ProjectCompleted
  stream                       assessment, demonstration, …
  factory_registration_number
  completed_on                 2024-05-31
  report_approved              true or false
  recommended_measures         of the approved report; in CSV separated by |
\b
Empty cells are left out. CSV with commas, semicolons or tabs, in UTF-8.
docs/rulings.md has examples, docs/files.md says which files are taken.
"""


def import_rulings(  # noqa: D103, PLR0913  # its docstring is `HELP`, and one parameter for each option
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, metavar="FILE")],
    *,
    kafka: KafkaOption = DEFAULT_KAFKA,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check only; publish nothing.")
    ] = False,
    skip_invalid: Annotated[
        bool, typer.Option("--skip-invalid", help="Publish the valid lines even if others are not.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Publish even what the receipts say is published.")
    ] = False,
    give_up_after: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="How long to wait while Kafka is down.")
    ] = 60,
    receipts: Annotated[Path | None, typer.Option(help="Where to record the outcome.")] = None,
) -> None:
    console = Console(stderr=True)
    target = Target(
        kafka_settings(kafka),
        receipts or receipts_beside(file),
        give_up_after,
        again=again,
        skip_changed=skip_invalid,
    )
    today = hong_kong_date(utc_now())
    try:
        with _bar(console, "checking", count_lines(file)) as advance_to:
            report = check_file(file, today, advance_to)
        _show(console, report)
        if dry_run or (report.invalid and not skip_invalid):
            _stop_before_publishing(console, report)
        with _counted(console, "publishing", report.valid.total()) as advance:
            published = publish_file(file, today, target, advance)
    except TransientError:
        exit_with_message(unreachable(kafka))
    except (OSError, ValueError) as error:
        exit_with_message(str(error))
    _show_published(console, published, skip_changed=skip_invalid)
    raise typer.Exit(1 if report.invalid or published.changed else 0)


import_rulings.__doc__ = HELP


def _show_published(console: Console, published: Published, *, skip_changed: bool) -> None:
    _list(console, published.changed)
    if published.changed and not skip_changed:
        console.print(_NOTHING_PUBLISHED)
        return
    earlier = f" ({published.earlier} were published earlier)" if published.earlier else ""
    console.print(f"Published {published.now} to {RULINGS.name}{earlier}.")
    if published.changed:
        console.print(f"Refused, as they have changed since: {len(published.changed)}.")


def _stop_before_publishing(console: Console, report: Report) -> None:
    if report.invalid:
        console.print(_NOTHING_PUBLISHED)
        raise typer.Exit(1)
    console.print("Nothing was published: this was a dry run.")
    raise typer.Exit(0)


def _show(console: Console, report: Report) -> None:
    counts = ", ".join(f"{count} {kind}" for kind, count in sorted(report.valid.items()))
    console.print(f"Valid: {counts or 'none'}. Invalid lines: {report.invalid}.")
    if report.repeated:
        console.print(repeated_lines(report.repeated))
    _list(console, report.complaints)


def _list(console: Console, complaints: Sequence[Complaint]) -> None:
    if not complaints:
        return
    table = Table("Line", "Field", "Rule")
    for each in complaints[:_LISTED]:
        table.add_row(str(each.line), escape(each.field), escape(each.rule))
    console.print(table)
    if len(complaints) > _LISTED:
        console.print(f"And {len(complaints) - _LISTED} more errors.")


@contextmanager
def _bar(console: Console, what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show a progress bar; yield a function that sets how much is done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)


@contextmanager
def _counted(console: Console, what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show a progress bar; yield a function that adds to how much is done."""
    done = 0
    with _bar(console, what, total) as advance_to:

        def advance(count: int) -> None:
            nonlocal done
            done += count
            advance_to(done)

        yield advance
