"""Draws lines and stacks as SVG."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import floor, log10
from typing import Any, Final
from xml.etree import ElementTree as ET

from leather import theme
from leather.chart import Chart
from leather.scales.linear import Linear
from leather.series.base import Series as Data
from leather.shapes.line import Line
from markupsafe import Markup
from typing_extensions import override

from devstack.dashboards.asking import Series, Window
from devstack.dashboards.pictures.units import written

_Points = Sequence[tuple[float, float]]
_SHORT_SECONDS: Final = 600
_MEBIBYTE: Final = 2.0**20
_MINUTES: Final = (1, 2, 4, 8, 20, 40, 60, 120, 240, 480, 1440)
_LONG_SECONDS: Final = (40, *(60 * each for each in _MINUTES))
_GRID: Final = "#e3e5e8"
_THEME: Final[dict[str, Any]] = {
    "background_color": "none",
    "margin": 0.01,
    "tick_font_family": "sans-serif",
    "tick_font_size": 11,
    "tick_font_char_height": 11,
    "tick_font_char_width": 6,
    "tick_color": _GRID,
    "zero_color": "#b8bcc2",
    "label_color": "#5f6670",
    "legend_font_char_height": 4,
    "legend_gap": 0,
}
COLORS: Final = (
    "#37872d",
    "#1f60c4",
    "#e0b400",
    "#fa6400",
    "#8f3bb8",
    "#00a3a3",
    "#c4162a",
    "#7c2ea3",
    "#a0522d",
    "#5794f2",
    "#96a53c",
    "#d44a9c",
)


@dataclass(frozen=True, slots=True)
class Mark:
    """A time or a span that every drawing marks: a deployment, or an alert that fires."""

    start: float
    end: float
    color: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What a drawing is drawn into."""

    width: int
    height: int
    unit: str
    window: Window
    levels: Sequence[tuple[float, str]] = ()
    axis_from: float = 0.0
    marks: Sequence[Mark] = ()


class _Exact(Linear):
    """A scale that ends where the data do, not at the next tick."""

    def __init__(self, least: float, most: float) -> None:
        Linear.__init__(self, least, most)
        self._least, self._length = least, most - least

    @override
    def project(self, value: float, range_min: float, range_max: float) -> float:
        share = (float(value) - self._least) / self._length
        return range_min + (range_max - range_min) * share


class _Plain(Line):
    """A line; the panel has a legend of its own."""

    def __init__(self, color: str, width: float, dashes: str = "none") -> None:
        Line.__init__(self, color, width, dashes)

    @override
    def legend_to_svg(self, _series: Any, _palette: Any) -> list[Any]:
        return []


class _Filled(_Plain):
    """A line that is filled down to 0."""

    @override
    def to_svg(self, *where: Any) -> Any:
        group = Line.to_svg(self, *where)
        (_, height, _, y_scale, *_) = where
        floor = y_scale.project(0, height, 0)
        for path in group.iter("path"):
            _fill(path, floor)
        return group


def _fill(path: ET.Element, floor: float) -> None:
    steps = path.get("d", "").split()
    path.set("d", " ".join([*steps, "L", steps[-2], str(floor), "L", steps[1], str(floor), "Z"]))
    path.set("fill", path.get("stroke", ""))
    path.set("fill-opacity", "1" if path.get("stroke") == "white" else "0.55")


def lines(series: Sequence[Series], frame: Frame) -> Markup:
    """Draw a line for each series, in the order of `COLORS`."""
    chart = _chart(series, frame)
    for each, color in _colored(series):
        for run in _runs(each.points, frame.window):
            chart.add_series(Data(run), _Plain(color, 1.8))
    return _svg(chart, frame)


def stack(series: Sequence[Series], frame: Frame) -> Markup:
    """Draw the series on top of each other, the first one at the bottom."""
    sums: dict[float, float] = {}
    layers: list[_Points] = []
    for each in series:
        for at, value in each.points:
            sums[at] = sums.get(at, 0.0) + value
        layers.append(sorted(sums.items()))
    stacked = [
        Series(one.legend, one.labels, tuple(layer))
        for one, layer in zip(series, layers, strict=True)
    ]
    chart = _chart(stacked, frame)
    for each, color in reversed([*_colored(stacked)]):
        for run in _runs(each.points, frame.window):
            # White first, or what lies behind would shine through.
            chart.add_series(Data(run), _Filled("white", 1.0))
            chart.add_series(Data(run), _Filled(color, 1.0))
    return _svg(chart, frame)


def _colored(series: Sequence[Series]) -> Iterator[tuple[Series, str]]:
    for number, each in enumerate(series):
        yield each, COLORS[number % len(COLORS)]


def _runs(points: _Points, window: Window) -> Iterator[_Points]:
    """Yield what belongs together: a gap of more than two steps is none of the line."""
    run = [*points[:1]]
    for before, after in pairwise(points):
        if after[0] - before[0] > 2 * window.step:
            yield _at_least_two(run, window)
            run = []
        run.append(after)
    yield _at_least_two(run, window)


def _at_least_two(run: list[tuple[float, float]], window: Window) -> _Points:
    if len(run) > 1:
        return run
    [(at, value)] = run
    return [(at, value), (min(at + window.step, window.end), value)]


def _chart(series: Sequence[Series], frame: Frame) -> Chart:
    for name, setting in _THEME.items():
        setattr(theme, name, setting)
    bottom, top = _bounds([value for each in series for _, value in each.points], frame)
    chart, window = Chart(), frame.window
    chart.set_x_scale(_Exact(window.start, window.end))
    chart.set_y_scale(_Exact(bottom, top))
    chart.add_x_axis(ticks=_times(window), tick_formatter=lambda x, _i, _n: clock(x, window))
    ticks = [bottom + (top - bottom) * share / 4 for share in range(5)]
    chart.add_y_axis(ticks=ticks, tick_formatter=lambda y, _i, _n: written(y, frame.unit))
    for line, color, dashes, width in _helpers(frame, bottom, top):
        chart.add_series(Data(line), _Plain(color, width, dashes))
    return chart


def _helpers(frame: Frame, bottom: float, top: float) -> Iterator[tuple[_Points, str, str, float]]:
    window = frame.window
    for level, color in frame.levels:
        if bottom < level <= top:
            yield [(window.start, level), (window.end, level)], color, "6 4", 1.2
    for mark in frame.marks:
        for at in {mark.start, mark.end}:
            if window.start < at < window.end:
                yield [(at, bottom), (at, top)], mark.color, "3 3", 1.0
        yield [(mark.start, bottom), (mark.end, bottom)], mark.color, "none", 4.0


def _times(window: Window) -> list[float]:
    share = (window.end - window.start) / 5
    return [window.start + share * each for each in range(1, 5)]


def clock(at: float, window: Window) -> str:
    """Return a time of the day, with seconds where minutes say too little."""
    is_short = window.end - window.start < _SHORT_SECONDS
    return time.strftime("%H:%M:%S" if is_short else "%H:%M", time.localtime(at))


def _bounds(values: Sequence[float], frame: Frame) -> tuple[float, float]:
    least, most = min(values), max(values)
    if frame.axis_from and least >= frame.axis_from:
        return frame.axis_from, max(1.0, most)
    top = _round_up(most, frame.unit)
    return (-_round_up(-least, frame.unit) if least < 0 else 0.0), top


def _round_up(highest: float, unit: str) -> float:
    """Return the next number that is not lower and has four parts that are easy to read."""
    if highest <= 0:
        return 1.0
    if unit == "bytes" and highest > _MEBIBYTE:
        return _MEBIBYTE * _round_up(highest / _MEBIBYTE, "")
    if unit == "s" and highest > _LONG_SECONDS[0]:
        return next((each for each in _LONG_SECONDS if each >= highest), highest)
    step = 10.0 ** floor(log10(highest))
    # 0.3 as a float may be a little more than three tenths.
    parts = (1, 2, 4, 5, 8, 10)
    return max(highest, next(each * step for each in parts if each * step * 1.000001 >= highest))


def _svg(chart: Chart, frame: Frame) -> Markup:
    drawn = chart.to_svg(width=frame.width, height=frame.height)
    return Markup(drawn)  # noqa: S704  # numbers only
