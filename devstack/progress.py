"""The progress of downloads."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import DownloadColumn, Progress, TextColumn, TimeElapsedColumn

_MEGABYTE = 1_000_000
_PLAIN_STEP_BYTES = 20 * _MEGABYTE


@contextmanager
def show_download(files: int) -> Iterator[Callable[[int], None]]:
    """Show a download of Kafka's jars: a progress line on a terminal, else a line per 20 MB."""
    console = Console(stderr=True)
    show = _on_terminal(console) if console.is_terminal else _in_lines(console)
    console.print(f"Downloading Kafka ({files} files) …")
    with show as on_bytes:
        yield on_bytes


@contextmanager
def _on_terminal(console: Console) -> Iterator[Callable[[int], None]]:
    columns = (TextColumn("Kafka"), DownloadColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("Kafka", total=None)
        yield lambda count: progress.advance(task, count)


@contextmanager
def _in_lines(console: Console) -> Iterator[Callable[[int], None]]:
    seen = 0

    def on_bytes(count: int) -> None:
        nonlocal seen
        before, seen = seen, seen + count
        if before // _PLAIN_STEP_BYTES != seen // _PLAIN_STEP_BYTES:
            console.print(f"  {seen // _MEGABYTE} MB")

    yield on_bytes
    console.print(f"  {seen // _MEGABYTE} MB, complete and checked")
