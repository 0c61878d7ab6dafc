"""`cppp submit --dry-run`: check a file as intake would, and submit nothing."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

import typer

from services.intake.rules import breaches
from services.intake.submission.body import read_submission
from shared.clock import utc_now
from shared.files.ndjson import read_lines
from shared.http.problems import FieldError, Problem


def wrong_fields(body: bytes, now: datetime) -> Sequence[FieldError]:
    """Return what intake would refuse in a submission; nothing of its data is in it."""
    try:
        submission = read_submission(body)
    except Problem as problem:
        return problem.errors or [FieldError("", problem.detail)]
    found = breaches(submission.application, submission.received_at, now)
    return [FieldError(each.pointer, each.rule) for each in found]


def check_file(file: Path) -> int:
    """Print every wrong field of a file; return the number of lines that have one."""
    lines = wrong = 0
    with closing(read_lines(file)) as found:
        for each in found:
            lines += 1
            errors = list(_messages(wrong_fields(each.body, utc_now())))
            wrong += bool(errors)
            for message in errors:
                typer.echo(f"line {each.number}: {message}")
    typer.echo(f"{lines} checked, {wrong} to correct; nothing was submitted.", err=True)
    return wrong


def _messages(errors: Sequence[FieldError]) -> Iterator[str]:
    for each in errors:
        yield f"{each.pointer}: {each.detail}" if each.pointer else each.detail
