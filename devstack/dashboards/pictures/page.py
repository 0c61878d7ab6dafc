"""Lays out a dashboard with its data, as HTML."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

from devstack.dashboards.asking import Prometheus, Series, Window
from devstack.dashboards.pictures import drawing
from devstack.dashboards.pictures.drawing import COLORS, Frame, Mark, clock
from devstack.dashboards.pictures.units import written

WIDTH: Final = 1400
_COLUMN: Final = WIDTH / 24
_UNIT_HEIGHT: Final = 38  # as in Grafana: 30 pixels and a gap of 8
_LEGEND: Final = 0.42
_MOST_IN_LEGEND: Final = 12
_NARROW: Final = 4
_PAINT: Final = {"green": "#37872d", "orange": "#e8710a", "red": "#c4162a", "blue": "#1f60c4"}
_TEMPLATES: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A dashboard and the answers to its queries."""

    dashboard: Mapping[str, Any]
    prometheus: Prometheus
    window: Window
    marks: list[Mark] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Ask for the marks of all drawings."""
        for each in self.dashboard["annotations"]["list"]:
            for series in self.prometheus.answers(each, self.window):
                first, last = series.points[0][0], series.points[-1][0]
                # What is new from the beginning on began before there was anything to see.
                if each["name"] == "Alerts" or first > self.window.start + 150:
                    self.marks.append(Mark(first, last, _PAINT[each["iconColor"]]))

    def page(self) -> str:
        """Return the page."""
        panels = [*map(self._panel, self.dashboard["panels"])]
        bottom = max(at["y"] + at["h"] for at in (each["at"] for each in panels))
        return _TEMPLATES.get_template("dashboard.html.j2").render(
            title=self.dashboard["title"],
            links=[each["title"] for each in self.dashboard["links"]],
            variables=[
                each["name"]
                for each in self.dashboard["templating"]["list"]
                if each["type"] == "query"
            ],
            shown=" to ".join(
                clock(at, self.window) for at in (self.window.start, self.window.end)
            ),
            panels=panels,
            width=WIDTH,
            height=bottom * _UNIT_HEIGHT,
        )

    def _panel(self, panel: Mapping[str, Any]) -> dict[str, Any]:
        at = panel["gridPos"]
        return {
            "kind": panel["type"],
            "title": panel["title"],
            "at": at,
            "left": at["x"] * _COLUMN,
            "top": at["y"] * _UNIT_HEIGHT,
            "width": at["w"] * _COLUMN - 8,
            "height": at["h"] * _UNIT_HEIGHT - 8,
            "runbook": bool(panel.get("links")) and at["w"] > _NARROW,
            "body": self._body(panel),
        }

    def _body(self, panel: Mapping[str, Any]) -> Markup | str:
        if panel["type"] == "row":
            return ""
        if panel["type"] == "text":
            return Markup(MarkdownIt().render(panel["options"]["content"]))  # noqa: S704  # ours
        found = [
            series
            for target in panel["targets"]
            for series in self.prometheus.answers(target, self.window)
        ]
        if not found:
            return _fragment("nothing", text=panel["fieldConfig"]["defaults"]["noValue"])
        return _BODIES[panel["type"]](panel, found, self)


def _lines(panel: Mapping[str, Any], found: Sequence[Series], shown: Shown) -> Markup:
    found = sorted(found, key=lambda each: -max(value for _, value in each.points))
    at, unit = panel["gridPos"], _unit(panel)
    stacked = panel["fieldConfig"]["defaults"]["custom"].get("stacking")
    frame = Frame(
        width=int((at["w"] * _COLUMN - 24) * (1 - _LEGEND)),
        height=at["h"] * _UNIT_HEIGHT - 48,
        unit=unit,
        window=shown.window,
        levels=[(level, _PAINT[color]) for level, color in _levels(panel) if level != -inf],
        marks=shown.marks,
        axis_from=panel["fieldConfig"]["defaults"]["custom"]["axisSoftMin"],
    )
    entries = [
        {
            "color": COLORS[number % len(COLORS)],
            "name": each.legend,
            "last": written(each.points[-1][1], unit),
            "most": written(max(value for _, value in each.points), unit),
        }
        for number, each in enumerate(found)
    ]
    drawn = drawing.stack(found, frame) if stacked else drawing.lines(found, frame)
    width = int((at["w"] * _COLUMN - 24) * _LEGEND) - 12
    more = max(0, len(entries) - _MOST_IN_LEGEND)
    return _fragment("lines", svg=drawn, entries=entries[:_MOST_IN_LEGEND], more=more, width=width)


def _numbers(panel: Mapping[str, Any], found: Sequence[Series], _shown: Shown) -> Markup:
    tiles = [
        {
            "name": each.legend if len(found) > 1 else "",
            "value": written(each.points[-1][1], _unit(panel)),
            "color": _color(panel, each.points[-1][1]),
        }
        for each in found
    ]
    return _fragment("numbers", tiles=tiles)


def _states(panel: Mapping[str, Any], found: Sequence[Series], shown: Shown) -> Markup:
    [mapping] = panel["fieldConfig"]["defaults"]["mappings"]
    start, length = shown.window.start, shown.window.end - shown.window.start
    rows = []
    for each in found:
        steps = [*_changes(each.points)]
        spans = [
            {
                "left": 100 * (since - start) / length,
                "width": 100 * (until - since) / length,
                "color": _PAINT[mapping["options"][f"{value:g}"]["color"]],
            }
            for since, until, value in steps
        ]
        word = mapping["options"][f"{each.points[-1][1]:g}"]["text"]
        rows.append({"name": each.legend, "spans": spans, "word": word})
    times = [clock(start + length * share / 4, shown.window) for share in range(5)]
    return _fragment("states", rows=rows, times=times)


def _changes(points: Sequence[tuple[float, float]]) -> Iterator[tuple[float, float, float]]:
    since, state = points[0]
    for at, value in points[1:]:
        if value != state:
            yield since, at, state
            since, state = at, value
    yield since, points[-1][0], state


def _table(panel: Mapping[str, Any], found: Sequence[Series], _shown: Shown) -> Markup:
    [organize] = panel["transformations"]
    options = organize["options"]
    order: Mapping[str, int] = options["indexByName"]
    columns = {
        each: options["renameByName"][each]
        for each in sorted(options["renameByName"], key=lambda each: order[each])
    }
    rows = [
        [
            written(each.points[-1][1], _unit(panel))
            if label == "Value"
            else each.labels.get(label, "")
            for label in columns
        ]
        for each in found
        if "Value" not in columns or each.points[-1][1]
    ]
    return _fragment("table", heads=[*columns.values()], rows=sorted(rows, key=_severest_first))


def _severest_first(row: Sequence[str]) -> tuple[int, Sequence[str]]:
    return {"page": 0, "ticket": 1, "none": 2}.get(row[0], 0), row


_BODIES: Final[Mapping[str, Callable[[Mapping[str, Any], Sequence[Series], Shown], Markup]]] = {
    "timeseries": _lines,
    "stat": _numbers,
    "state-timeline": _states,
    "table": _table,
}


def _unit(panel: Mapping[str, Any]) -> str:
    return str(panel["fieldConfig"]["defaults"]["unit"])


def _levels(panel: Mapping[str, Any]) -> list[tuple[float, str]]:
    steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
    return [(-inf if each["value"] is None else each["value"], each["color"]) for each in steps]


def _color(panel: Mapping[str, Any], value: float) -> str:
    return _PAINT[[color for level, color in _levels(panel) if value >= level][-1]]


def _fragment(name: str, **values: Any) -> Markup:
    module: Any = _TEMPLATES.get_template("panels.html.j2").module
    return Markup(getattr(module, name)(**values))  # noqa: S704  # escaped by the template
