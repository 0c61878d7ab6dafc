"""Draws figures of the last quarter of an hour as SVG, with a text that says the same."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from leather import theme
from leather.chart import Chart
from markupsafe import Markup

from services.operations.sources.history import KEPT_SECONDS, History, Sample, rate

_WIDTH: Final = 340
_HEIGHT: Final = 120
_POINTS: Final = 30
_MINUTE: Final = 60.0
_FEWEST: Final = 2
_NORMAL_LAG: Final = 10.0  # what is normal must not look like a mountain
# The page's style sheet colours them, in light and dark.
_INK: Final = "currentColor"
_FONT: Final = "sans-serif"
_THEME: Final[dict[str, Any]] = {
    "background_color": "none",
    "margin": 0.05,
    "tick_font_family": _FONT,
    "tick_font_size": 12,
    "tick_font_char_height": 12,
    "tick_font_char_width": 7,
    "tick_color": _INK,
    "zero_color": _INK,
    "label_color": _INK,
}


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing and its text alternative."""

    svg: Markup
    text: str


def flow_plot(history: History, step: str, clock: float) -> Plot | None:
    """Plot how many applications a minute took a step; None as long as there is nothing to see."""

    def value(samples: Sequence[Sample]) -> float | None:
        per_second = rate(step, samples)
        return None if per_second is None else per_second * _MINUTE

    return _plot(f"{step} per minute", 1, history.samples(clock), clock, value)


def lag_plot(history: History, group: str, clock: float) -> Plot | None:
    """Plot the lag of a group in seconds."""

    def value(samples: Sequence[Sample]) -> float | None:
        return max((each.lag[group] for each in samples if group in each.lag), default=None)

    return _plot(f"lag of {group} in seconds", _NORMAL_LAG, history.samples(clock), clock, value)


def _plot(
    what: str,
    least: float,
    samples: Sequence[Sample],
    clock: float,
    value: Callable[[Sequence[Sample]], float | None],
) -> Plot | None:
    points = [*_points(samples, clock, value)]
    if len(points) < _FEWEST:
        return None
    highest = max(y for _, y in points)
    text = f"{what}, last 15 minutes: now {points[-1][1]:.4g}, highest {highest:.4g}"
    return Plot(_drawn(points, max(highest, least), text), text)


def _points(
    samples: Sequence[Sample],
    clock: float,
    value: Callable[[Sequence[Sample]], float | None],
) -> Iterator[tuple[float, float]]:
    """Yield a point for every half minute: minutes ago, and the value."""
    width = KEPT_SECONDS / _POINTS
    slots: dict[int, list[Sample]] = {}
    for each in samples:
        slots.setdefault(int((clock - each.at) / width), []).append(each)
    for slot, within in sorted(slots.items(), reverse=True):
        found = value(within)
        if found is not None:
            yield -slot * width / _MINUTE, found


def _drawn(points: Sequence[tuple[float, float]], highest: float, text: str) -> Markup:
    for name, setting in _THEME.items():
        setattr(theme, name, setting)
    chart = Chart()
    top = _round_up(highest)
    chart.add_x_scale(-KEPT_SECONDS / _MINUTE, 0)
    chart.add_y_scale(0, top)
    chart.add_x_axis(ticks=[-15, -10, -5, 0], tick_formatter=lambda x, _i, _n: _minutes(x))
    chart.add_y_axis(ticks=[0, top / 2, top], tick_formatter=lambda y, _i, _n: f"{y:g}")
    chart.add_line(points, stroke_color=_INK, width=2)
    # The outer element scales with the page, and says what the drawing shows.
    outer = Markup('<svg class="plot" viewBox="0 0 {} {}" role="img" aria-label="{}">')
    drawing = Markup(chart.to_svg(width=_WIDTH, height=_HEIGHT))  # noqa: S704  # numbers only
    return outer.format(_WIDTH, _HEIGHT, text) + drawing + Markup("</svg>")


def _minutes(ago: float) -> str:
    return f"{ago:g} min" if ago else "now"


def _round_up(highest: float) -> float:
    """Return the next of 1, 2, 5, 10, 20, 50, … that is not lower."""
    step = 1.0
    while True:
        for each in (1, 2, 5):
            if highest <= each * step:
                return each * step
        step *= 10
