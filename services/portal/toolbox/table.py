"""The figures of technologies as a table: each row has all that it needs to stand alone. Pure."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from io import StringIO
from typing import Final

from shared.events.content import Example, Figure, ItemPublished, Source
from shared.events.envelope import Language

LICENCE: Final = (
    "Facts as the named source publishes them: name the source when you use them. Its own terms "
    "hold for its text."
)
_WORDS: Final[Sequence[tuple[str, Language]]] = (
    ("title_en", "en"),
    ("title_zh_hant", "zh-Hant"),
    ("title_zh_hans", "zh-Hans"),
)
_FIGURE: Final = (
    "of",
    "low",
    "high",
    "before",
    "after",
    "negligible",
    "about",
    "unit",
    "currency",
    "per",
    "year",
    "year_is_of_source",
    "origin",
    "vendor_claim",
    "basis",
    "derived_from",
    "source",
)
_SOURCE: Final = ("source_title", "source_address", "source_published", "source_weak")
COLUMNS: Final = (
    "item_id",
    *(name for name, _ in _WORDS),
    "example_id",
    "part",
    *_FIGURE,
    *_SOURCE,
    "licence",
)
# A spreadsheet would compute a text that begins with one of these.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001


def as_csv(items: Iterable[ItemPublished]) -> str:
    """Return the figures as CSV (RFC 4180), the names of the columns first."""
    written = StringIO()
    writer = csv.writer(written)
    writer.writerow(COLUMNS)
    writer.writerows(_rows(items))
    return written.getvalue()


def _rows(items: Iterable[ItemPublished]) -> Iterator[Sequence[str]]:
    for item in items:
        sources = {each.id: each for each in item.sources}
        titles = [item.words[language].title for _, language in _WORDS]
        for example in item.technology.examples if item.technology else ():
            for part, figure in _parts(example):
                place = [item.item_id, *titles, example.id, part]
                yield [_cell(each) for each in (*place, *_figure(figure, sources), LICENCE)]


def _parts(example: Example) -> Iterator[tuple[str, Figure]]:
    for part in ("figures", "size", "baseline"):
        for each in getattr(example, part):
            yield part, each


def _figure(figure: Figure, sources: Mapping[str, Source]) -> Iterator[object]:
    yield from (getattr(figure, each) for each in _FIGURE)
    source = sources.get(figure.source)
    if source is None:
        yield from ("" for _ in _SOURCE)
    else:
        yield from (source.title, source.address, source.published, source.weak)


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Decimal():
            return f"{value:f}"
        case str() if value.startswith(_FORMULA):
            return f"'{value}"
        case _:
            return str(value)
