"""Import labels of earlier rounds, and show how many there are.

`python -m services.recognition.history import FILE.csv` · `… statistics`
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from services.recognition.rules.history_file import HistoryFile, read_history
from services.recognition.rules.labels import HistoricalLabel
from services.recognition.rules.statistics import CATEGORIES, YearRow, table
from services.recognition.settings import SERVICE
from services.recognition.store.labels import MongoLabels
from shared.files.form import UnusableFileError, opened_text
from shared.mongo import open_database
from shared.service.commands import failures_reported
from shared.settings import MongoSettings

_BATCH: Final = 500
_NOT_KNOWN: Final = "-"


app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Import labels of earlier rounds, and show how many there are.",
)


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="CSV in UTF-8, its columns named in line 1")],
) -> None:
    """Import labels of earlier rounds; may be repeated after an interruption."""
    try:
        with opened_text(file) as opened:
            read = read_history(opened)
    except (OSError, UnusableFileError) as error:
        raise typer.Exit(_complain([str(error)])) from None
    _run(import_labels(read))


@app.command("statistics")
def print_statistics() -> None:
    """Print labels by year and category."""
    _run(statistics())


def _run(work: Coroutine[Any, Any, int]) -> None:
    with failures_reported():
        raise typer.Exit(asyncio.run(work))


async def import_labels(read: HistoryFile) -> int:
    """Import the labels of a file. Nothing of a file with a wrong line is imported.

    Stored labels stay as they are, so the same file may be imported again.
    """
    if read.errors:
        return _complain([*read.errors, "Nothing was imported: correct these lines first."])
    async with open_database(MongoSettings(), SERVICE) as database:
        labels = MongoLabels(database)
        await labels.prepare()
        conflicts = [line async for line in _import(labels, read)]
    agreed = len(read.labels) - len(conflicts)
    typer.echo(f"{agreed} of {len(read.labels)} labels are on record as the file has them")
    return _complain(conflicts) if conflicts else 0


async def _import(labels: MongoLabels, read: HistoryFile) -> AsyncIterator[str]:
    """Store all labels in parts; yield the lines that contradict stored labels."""
    lines = iter(read.labels.items())
    while batch := list(islice(lines, _BATCH)):
        agreed = await labels.keep_history([label for _, label in batch])
        for (number, label), is_agreed in zip(batch, agreed, strict=True):
            if not is_agreed:
                yield f"line {number}: {_named(label)} is on record with other data"


def _named(label: HistoricalLabel) -> str:
    return f"certificate {label.certificate_number}" if label.certificate_number else "this label"


async def statistics() -> int:
    """Print labels by year and category: stored here, and as published."""
    async with open_database(MongoSettings(), SERVICE) as database:
        rows = table(await MongoLabels(database).count_by_year())
    heads = ("year", *CATEGORIES, "on record", "published", "stands for", "source")
    lines = [heads, *(tuple(_printed(each)) for each in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = (text.ljust(width) for text, width in zip(line, widths, strict=True))
        typer.echo("  ".join(cells).rstrip())
    typer.echo("\nEach category: labels on record here / published; - is not known")
    return 0


def _printed(row: YearRow) -> Iterator[str]:
    yield str(row.year)
    for category in CATEGORIES:
        published = row.published and row.published.of(category)
        yield f"{row.on_record[category]}/{_NOT_KNOWN if published is None else published}"
    yield str(row.on_record_total)
    total = row.published and row.published.total
    yield _NOT_KNOWN if total is None else str(total)
    yield row.published.stands_for if row.published else _NOT_KNOWN
    yield (row.published and row.published.source) or _NOT_KNOWN


def _complain(complaints: Sequence[str]) -> int:
    for each in complaints:
        typer.echo(each, err=True)
    return 1


if __name__ == "__main__":
    app()
