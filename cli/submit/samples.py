"""Submits the samples of the embedded stack, with the same display as `cppp submit`."""

from pathlib import Path

from rich.console import Console

from cli.submit.command import Options, submit_file
from cli.submit.display import progress_shown, show_report
from cli.submit.outcomes import SubmissionError
from devstack.errors import StackError


def submit_samples(file: Path, intake_url: str, api_key: str, receipts: Path) -> None:
    """Submit every application in `file`, and record the outcome of each in `receipts`.

    Raises `StackError` if one was refused or intake does not answer.
    """
    console = Console(stderr=True)
    try:
        with progress_shown(console) as on_progress:
            report = submit_file(
                file,
                intake_url,
                api_key,
                on_progress=on_progress,
                options=Options(receipts=receipts),
            )
    except (SubmissionError, ValueError) as error:
        msg = f"The samples cannot be submitted: {error}"
        raise StackError(msg) from error
    show_report(console, report)
    if report.refused:
        msg = f"{report.refused} of the samples were refused."
        raise StackError(msg)
