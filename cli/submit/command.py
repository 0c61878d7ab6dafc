"""`cppp submit`: submit a file of applications, one on each line."""

import asyncio
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from cli.api_key_option import ApiKeyFileOption, ApiKeyOption, given_key
from cli.errors import exit_with_message
from cli.receipt_file import receipts_beside
from cli.service_addresses import INTAKE_URL, checked_url
from cli.submit.display import progress_shown, show_report
from cli.submit.dry_run import check_file
from cli.submit.intake_client import Connection
from cli.submit.line_index import LineIndex
from cli.submit.outcomes import SubmissionError
from cli.submit.receipts import Receipts
from cli.submit.report import OnProgress, Report
from cli.submit.run import Run
from shared.files.ndjson import count_lines, read_lines


@dataclass(frozen=True, slots=True)
class Options:
    """How a file is submitted; by default its receipts are stored next to it."""

    concurrency: int = 16
    give_up_after_seconds: float = 300
    receipts: Path | None = None


_DEFAULTS: Final = Options()


def submit_file(
    file: Path,
    intake_url: str,
    api_key: str | None = None,
    *,
    on_progress: OnProgress = lambda _progress: None,
    options: Options = _DEFAULTS,
) -> Report:
    """Submit every line of `file`; a repeated call resumes where the last one stopped.

    A line becomes at most one application, however often it is submitted. Waits while intake is
    down. Raises `SubmissionError` if it stays down or rejects every request, `OSError` for files
    that cannot be read or written, and `UnusableFileError` for a file that is not NDJSON.
    """
    path = options.receipts or receipts_beside(file)
    with (
        closing(read_lines(file)) as lines,
        closing(LineIndex()) as index,
        Receipts(path, index) as receipts,
    ):
        run = Run(receipts, index, count_lines(file), on_progress)
        connection = Connection(intake_url, api_key, options.give_up_after_seconds)
        return asyncio.run(run.submit_all(lines, connection, options.concurrency))


def submit(  # noqa: PLR0913  # one parameter for each option
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, metavar="FILE.ndjson")],
    *,
    intake_url: Annotated[
        str, typer.Option(envvar="CPPP_INTAKE_URL", callback=checked_url)
    ] = INTAKE_URL,
    api_key: ApiKeyOption = None,
    api_key_file: ApiKeyFileOption = None,
    concurrency: Annotated[
        int, typer.Option(min=1, max=256, help="Concurrent requests; in bulk, 4 at most.")
    ] = 16,
    give_up_after: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="How long to wait while intake is down.")
    ] = 300,
    receipts: Annotated[
        Path | None, typer.Option(help="Where to record the outcome of each line.")
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Check every line as intake does, and submit nothing."),
    ] = False,
) -> None:
    """Submit a file of applications: one JSON document on each line.

    To resume after an interruption, run the same command again: FILE.receipts.ndjson records what
    was accepted. Do not reorder the file: a line with another number is a new application.
    """
    if dry_run:
        raise typer.Exit(1 if _checked(file) else 0)
    console = Console(stderr=True)
    key = given_key(api_key, api_key_file)
    options = Options(concurrency, give_up_after, receipts)
    try:
        with progress_shown(console) as on_progress:
            report = submit_file(file, intake_url, key, on_progress=on_progress, options=options)
    except (SubmissionError, OSError, ValueError) as error:
        exit_with_message(str(error))
    show_report(console, report)
    raise typer.Exit(1 if report.refused else 0)


def _checked(file: Path) -> int:
    try:
        return check_file(file)
    except (OSError, ValueError) as error:
        exit_with_message(str(error))
