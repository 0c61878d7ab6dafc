"""Plots as pages draw them: bars in per cent of the longest. Pure.

A plot is made by `bars`, `grouped`, `stacked`, `ranges` or `columns`. The macro `plot_with_table`
of `plots.html.j2` draws it with its table, which has the same figures in words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

Value = int | float | Decimal
_WHOLE: Final = 100.0
_LABELS: Final = 6  # that fit below the columns on a narrow screen
_GAP: Final = 0.2  # of the width of a column


@dataclass(frozen=True, slots=True)
class Bar:
    """Where a bar starts and how long it is, in per cent; `series` gives its colour."""

    start: float
    size: float
    series: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """A category: its label, its value in words, and its bars in one lane or several."""

    label: str
    text: str
    lanes: Sequence[Sequence[Bar]]


@dataclass(frozen=True, slots=True)
class Plot:
    """Rows of horizontal bars. `series` are the names of the colours, if there are several."""

    id: str
    title: str
    rows: Sequence[Row]
    series: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A point in time: its place from the left, and its bars from the bottom up.

    The label is empty where there is no room for it.
    """

    label: str
    start: float
    size: float
    bars: Sequence[Bar]

    @property
    def middle(self) -> float:
        """Return where the label is centred."""
        return round(self.start + self.size / 2, 2)


@dataclass(frozen=True, slots=True)
class ColumnPlot:
    """Vertical bars over time; `top` is the highest value in words."""

    id: str
    title: str
    top: str
    columns: Sequence[Column]
    series: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """The table of a plot, its cells in words. The first cell of a row is its header.

    `numeric` has the columns, counted from 0, whose cells are aligned to the right.
    """

    id: str
    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    numeric: frozenset[int] = frozenset()


def bars(id_: str, title: str, rows: Sequence[tuple[str, Value | None, str]]) -> Plot:
    """Plot one value a category: label, value (None: no bar), and the value in words."""
    longest = _longest([value for _, value, _ in rows])
    drawn = [
        Row(label, text, [[Bar(0.0, _share(value, longest))]] if value else [])
        for label, value, text in rows
    ]
    return Plot(id_, title, drawn)


def grouped(
    id_: str,
    title: str,
    series: Sequence[str],
    rows: Sequence[tuple[str, Sequence[Value | None], str]],
) -> Plot:
    """Plot several values a category, one below the other: label, values, values in words."""
    longest = _longest([value for _, values, _ in rows for value in values])
    drawn = [
        Row(label, text, [[Bar(0.0, _share(v, longest), n)] for n, v in enumerate(values) if v])
        for label, values, text in rows
    ]
    return Plot(id_, title, drawn, series)


def stacked(
    id_: str,
    title: str,
    series: Sequence[str],
    rows: Sequence[tuple[str, Sequence[Value | None], str]],
) -> Plot:
    """Plot the parts of a whole for each category: label, parts, values in words."""
    longest = _longest([_total(values) for _, values, _ in rows])
    drawn = [Row(label, text, [_piled(values, longest)]) for label, values, text in rows]
    return Plot(id_, title, drawn, series)


def ranges(id_: str, title: str, rows: Sequence[tuple[str, Value, Value, str]]) -> Plot:
    """Plot from low to high for each category: label, low, high, range in words."""
    longest = _longest([high for _, _, high, _ in rows])
    drawn = [
        Row(label, text, [[_between(_share(low, longest), _share(high, longest))]])
        for label, low, high, text in rows
    ]
    return Plot(id_, title, drawn)


def columns(
    id_: str,
    title: str,
    top: str,
    rows: Sequence[tuple[str, Sequence[Value | None]]],
    series: Sequence[str] = (),
) -> ColumnPlot:
    """Plot values over time, the parts of each piled up: label, parts. `top`: highest in words."""
    highest = _longest([_total(values) for _, values in rows])
    width = _WHOLE / max(len(rows), 1)
    every = -(-len(rows) // _LABELS)
    drawn = [
        Column(
            label if number % every == 0 else "",
            round(width * (number + _GAP / 2), 2),
            round(width * (1 - _GAP), 2),
            _piled(values, highest),
        )
        for number, (label, values) in enumerate(rows)
    ]
    return ColumnPlot(id_, title, top, drawn, series)


def _piled(values: Sequence[Value | None], longest: Value) -> Sequence[Bar]:
    found, start = [], 0.0
    for number, value in enumerate(values):
        if value:
            size = _share(value, longest)
            found.append(Bar(round(start, 2), size, number))
            start += size
    return found


def _between(low: float, high: float) -> Bar:
    """Return a bar; it can be seen also where low and high are the same."""
    size = max(round(high - low, 2), 1.0)
    return Bar(min(low, _WHOLE - size), size)


def _total(values: Sequence[Value | None]) -> Value:
    return sum((Decimal(each) for each in values if each), Decimal(0))


def _longest(values: Sequence[Value | None]) -> Value:
    return max((each for each in values if each), default=0)


def _share(value: Value, longest: Value) -> float:
    return round(float(value) / float(longest) * _WHOLE, 2) if longest else 0.0
