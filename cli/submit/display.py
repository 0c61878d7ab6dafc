"""The output of `cppp submit`: a progress bar on a terminal, else plain lines; then a report."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table

from cli.repeats import repeated_lines
from cli.submit.report import OnProgress, Progress, Report

_EVERY_SECONDS: Final = 5.0
_BAR_SECONDS: Final = 0.1
_LINES_LISTED: Final = 20


@contextmanager
def progress_shown(console: Console) -> Iterator[OnProgress]:
    """Show progress until the block ends; yield the callback that updates it."""
    if not console.is_terminal:
        yield _with_notices(_plain_lines(console), console)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Bar(*columns, TimeRemainingColumn(), console=console) as bar:
        yield _with_notices(_updates(bar), console)


def _with_notices(show: OnProgress, console: Console) -> OnProgress:
    """Print each notice once, above the progress."""
    told = ""

    def show_and_tell(now: Progress) -> None:
        nonlocal told
        if now.notice != told:
            told = now.notice
            console.print(told, markup=False, highlight=False)
        show(now)

    return show_and_tell


def _updates(bar: Bar) -> OnProgress:
    task, updated_at = bar.add_task("submitting", total=None), 0.0

    def update(now: Progress) -> None:
        nonlocal updated_at
        is_due = time.monotonic() - updated_at >= _BAR_SECONDS
        if is_due or now.waiting_for or now.done == now.lines:
            updated_at = time.monotonic()
            bar.update(task, total=now.lines, completed=now.done, description=escape(_state(now)))

    return update


def _plain_lines(console: Console) -> OnProgress:
    shown_at, shown = time.monotonic(), ""

    def show(now: Progress) -> None:
        nonlocal shown_at, shown
        if time.monotonic() - shown_at < _EVERY_SECONDS:
            return
        text = f"{now.done} of {now.lines} lines: {_state(now)}"
        if text != shown:
            shown_at, shown = time.monotonic(), text
            console.print(text, markup=False, highlight=False)

    return show


def _state(now: Progress) -> str:
    state = f"accepted {now.accepted}" + (f", refused {now.refused}" if now.refused else "")
    return f"{state}, waiting: {now.waiting_for}" if now.waiting_for else state


def show_report(console: Console, report: Report) -> None:
    """Print the number of accepted and refused lines, and the errors of the refused ones."""
    before = f" ({report.resumed} of them by an earlier run)" if report.resumed else ""
    console.print(f"Accepted {report.accepted}{before}, refused {report.refused}.")
    if report.repeated:
        console.print(
            f"{repeated_lines(report.repeats, report.repeated)} Each line is an application of "
            "its own: withdraw what was not meant twice."
        )
    if not report.refusals:
        return
    table = Table("Line", "Error")
    in_order = sorted(report.refusals, key=lambda each: each.line)
    for each in in_order[:_LINES_LISTED]:
        table.add_row(str(each.line), escape(_complaint(each.problem)))
    console.print(table)
    if report.refused > _LINES_LISTED:
        console.print(f"And {report.refused - _LINES_LISTED} more; the receipts list them all.")


def _complaint(problem: Mapping[str, Any]) -> str:
    errors = problem.get("errors")
    if not errors:
        return str(problem["detail"])
    return "\n".join(f"{each['pointer'] or 'the line'}: {each['detail']}" for each in errors)
