"""Import labels of earlier rounds, and show how many there are.

`python -m services.recognition.history import FILE.csv` · `… statistics`
"""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from services.recognition.rules.history_file import HistoryFile, read_history
from services.recognition.rules.statistics import CATEGORIES, YearRow, table
from services.recognition.settings import SERVICE
from services.recognition.store.history import Imported, MongoHistory
from services.recognition.store.labels import MongoLabels
from services.recognition.store.store import open_store
from shared.files.form import UnusableFileError, opened_text
from shared.mongo import open_database
from shared.service.commands import failures_reported
from shared.settings import MongoSettings

_BATCH: Final = 500
_NOT_KNOWN: Final = "-"
_REFUSALS: Final[Mapping[Imported, str]] = {
    "changed": (
        "Must have the data that is on record for this label: correct the line. "
        "A label on record is never changed."
    ),
    "number-taken": (
        "Must not have the certificate number of another label on record here: correct it."
    ),
    "label-claimed": (
        "Must not be a second label of its kind for this enterprise and round: another label or "
        "an open application has the claim. Correct the line, or leave it out."
    ),
}


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
        store = open_store(database)
        await store.prepare()
        outcomes = await _import(store.history, read)
    typer.echo(_summary(outcomes, read))
    refused = [
        f"line {number}: {_REFUSALS[outcome]}"
        for number, outcome in outcomes.items()
        if outcome in _REFUSALS
    ]
    return _complain(refused) if refused else 0


async def _import(history: MongoHistory, read: HistoryFile) -> dict[int, Imported]:
    """Store all labels in parts; return what became of each line, by its number."""
    outcomes: dict[int, Imported] = {}
    lines = iter(read.labels.items())
    while batch := list(islice(lines, _BATCH)):
        kept = await history.keep([label for _, label in batch])
        outcomes |= {number: each for (number, _), each in zip(batch, kept, strict=True)}
    return outcomes


def _summary(outcomes: Mapping[int, Imported], read: HistoryFile) -> str:
    counted = Counter(outcomes.values())
    refused = sum(counted[each] for each in _REFUSALS)
    counts = (
        f"New: {counted['new']}. Already on record: {counted['known']}. Refused: {refused}. "
        f"Repeated in the file: {len(read.repeated)}"
    )
    lines = (f"line {each} (as line {first})" for each, first in read.repeated.items())
    return f"{counts}: {', '.join(lines)}." if read.repeated else f"{counts}."


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
