"""Turns panels into those of Grafana."""

from collections.abc import Callable, Iterator, Mapping
from math import inf
from string import ascii_uppercase
from typing import Any, Final

from grafana_foundation_sdk.builders import (
    common,
    dashboard,
    prometheus,
    stat,
    statetimeline,
    table,
    text,
    timeseries,
)
from grafana_foundation_sdk.models import common as shapes
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models import prometheus as queries
from grafana_foundation_sdk.models.text import TextMode

from devstack.dashboards.model import DATASOURCE, Kind, Panel

SOURCE: Final = models.DataSourceRef(type_val="prometheus", uid=DATASOURCE)


def built_panel(panel: Panel) -> Any:
    """Return the builder of a panel."""
    building = (
        _BUILDERS[panel.kind](panel)
        .title(panel.title)
        .description(panel.description)
        .span(panel.width)
        .height(panel.height)
    )
    if panel.kind == "text":
        return building
    for letter, (legend, expression) in zip(ascii_uppercase, panel.queries.items(), strict=False):
        building.with_target(_target(panel, letter, legend, expression))
    if panel.runbook:
        building.links([_runbook(panel.runbook)])
    return (
        building.datasource(SOURCE)
        .unit(panel.unit)
        .no_value(panel.without_data)
        .thresholds(_thresholds(panel))
        .mappings(list(_mappings(panel)))
    )


def _lines(panel: Panel) -> timeseries.Panel:
    modes = shapes.GraphThresholdsStyleMode
    style = modes.DASHED if panel.levels else modes.OFF
    return (
        timeseries.Panel()
        .legend(
            common.VizLegendOptions()
            .display_mode(shapes.LegendDisplayMode.TABLE)
            .placement(shapes.LegendPlacement.RIGHT)
            .show_legend(True)  # noqa: FBT003 - the SDK's
            .calcs(["lastNotNull", "max"])
        )
        .tooltip(
            common.VizTooltipOptions()
            .mode(shapes.TooltipDisplayMode.MULTI)
            .sort(shapes.SortOrder.DESCENDING)
        )
        .line_width(2)
        .fill_opacity(5)
        .show_points(shapes.VisibilityMode.AUTO)
        .axis_soft_min(panel.axis_from)
        .thresholds_style(common.GraphThresholdsStyleConfig().mode(style))
    )


def _stack(panel: Panel) -> timeseries.Panel:
    mode = common.StackingConfig().mode(shapes.StackingMode.NORMAL).group("A")
    return _lines(panel).stacking(mode).fill_opacity(40).line_width(1)


def _number(_panel: Panel) -> stat.Panel:
    return (
        stat.Panel()
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .graph_mode(shapes.BigValueGraphMode.AREA)
        .color_mode(shapes.BigValueColorMode.BACKGROUND)
        .text_mode(shapes.BigValueTextMode.AUTO)
    )


def _states(_panel: Panel) -> statetimeline.Panel:
    return (
        statetimeline.Panel()
        .show_value(shapes.VisibilityMode.NEVER)
        .merge_values(True)  # noqa: FBT003 - the SDK's
        .row_height(0.8)
        .color_scheme(dashboard.FieldColor().mode(models.FieldColorModeId.THRESHOLDS))
    )


def _table(panel: Panel) -> table.Panel:
    order = {label: number for number, label in enumerate([*panel.columns, "Value"])}
    organize = models.DataTransformerConfig(
        id_val="organize",
        options={
            "excludeByName": {
                "Time": True,
                **({} if "Value" in panel.columns else {"Value": True}),
            },
            "indexByName": order,
            "renameByName": dict(panel.columns),
        },
    )
    first = common.TableSortByFieldState().display_name(next(iter(panel.columns.values())))
    small = shapes.TableCellHeight.SM
    return table.Panel().with_transformation(organize).cell_height(small).sort_by([first])


def _text(panel: Panel) -> text.Panel:
    return text.Panel().mode(TextMode.MARKDOWN).content(panel.content)


_BUILDERS: Final[Mapping[Kind, Callable[[Panel], Any]]] = {
    "lines": _lines,
    "stack": _stack,
    "number": _number,
    "states": _states,
    "table": _table,
    "text": _text,
}


def _target(panel: Panel, letter: str, legend: str, expression: str) -> prometheus.Dataquery:
    target = prometheus.Dataquery().ref_id(letter).expr(expression).legend_format(legend)
    if panel.kind == "table":
        return target.instant().format(queries.PromQueryFormat.TABLE)
    return target.instant() if "$__range" in expression else target.range()


def _runbook(page: str) -> dashboard.DashboardLink:
    url = f"${{operations}}/runbooks/{page}"
    kind = models.DashboardLinkType.LINK
    return dashboard.DashboardLink("What to do").type(kind).url(url).target_blank(True)  # noqa: FBT003 - the SDK's


def _thresholds(panel: Panel) -> dashboard.ThresholdsConfig:
    # Where nothing says what is too much, a number is neither good nor bad.
    base = "green" if panel.levels or panel.meanings else "blue"
    levels = {-inf: base, **panel.levels}
    steps = [
        models.Threshold(None if value == -inf else value, color) for value, color in levels.items()
    ]
    return dashboard.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps(steps)


def _mappings(panel: Panel) -> Iterator[models.ValueMap]:
    if panel.meanings:
        yield models.ValueMap(
            {
                str(value): models.ValueMappingResult(text=word, color=color, index=index)
                for index, (value, (word, color)) in enumerate(panel.meanings.items())
            }
        )
