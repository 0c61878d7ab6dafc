"""Turns dashboards into Grafana's JSON."""

import json
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any, Final

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard as models

from devstack.dashboards.model import Dashboard, Variable
from devstack.dashboards.panels import SOURCE, built_panel

_TAG: Final = "cppp"
_NEW_VERSIONS: Final = (
    "count by (service, version) (cppp_build_info) "
    "unless count by (service, version) (cppp_build_info offset 2m)"
)
_ANNOTATIONS: Final = (
    (
        "Deployments",
        "blue",
        _NEW_VERSIONS,
        "{{service}} {{version}}",
    ),
    (
        "Alerts",
        "red",
        'max by (alertname, severity) (ALERTS{alertstate="firing",severity=~"page|ticket"})',
        "{{severity}}: {{alertname}}",
    ),
)


def as_json(page: Dashboard, others: Sequence[Dashboard], operations: str) -> str:
    """Return a dashboard as Grafana reads it from a file.

    It links to the others, and to the page and runbooks of the service `operations` at that URL.
    """
    built: dict[str, Any] = json.loads(
        json.dumps(_built(page, others, operations), cls=JSONEncoder)
    )
    for each, (*_, title) in zip(built["annotations"]["list"], _ANNOTATIONS, strict=True):
        each |= {"titleFormat": title, "step": "15s"}  # the SDK has no words for these
    return json.dumps(built, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _built(page: Dashboard, others: Sequence[Dashboard], operations: str) -> models.Dashboard:
    building = (
        builders.Dashboard(f"CPPP {page.title}")
        .uid(page.uid)
        .description(page.description)
        .tags([_TAG])
        .readonly()
        .refresh("30s")
        .time("now-1h", "now")
        .timezone("browser")
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
        .links(list(_links(page, others)))
        .annotations(list(_annotations()))
        .variables([*map(_variable, page.variables), _operations(operations)])
    )
    ids = count(1)
    for row in page.rows:
        building.with_row(builders.Row(row.title).id(next(ids)))
        for panel in row.panels:
            building.with_panel(built_panel(panel).id(next(ids)))
    return building.build()


def _links(page: Dashboard, others: Sequence[Dashboard]) -> Iterator[builders.DashboardLink]:
    for each in others:
        if each.uid != page.uid:
            yield _link(each.title, f"/d/{each.uid}").keep_time(True)  # noqa: FBT003 - the SDK's
    yield _link("What is wrong now", "${operations}/")
    yield _link("Runbooks", "${operations}/runbooks/README.md")


def _link(title: str, url: str) -> builders.DashboardLink:
    kind = models.DashboardLinkType.LINK
    return builders.DashboardLink(title).type(kind).url(url).icon("external link")


def _annotations() -> Iterator[builders.AnnotationQuery]:
    for name, color, expression, _ in _ANNOTATIONS:
        yield (
            builders.AnnotationQuery()
            .name(name)
            .icon_color(color)
            .datasource(SOURCE)
            .expr(expression)
            .enable(True)  # noqa: FBT003 - the SDK's
        )


def _variable(variable: Variable) -> builders.QueryVariable:
    every = models.VariableOption(selected=True, text="All", value="$__all")
    return (
        builders.QueryVariable(variable.label)
        .label(variable.label)
        .datasource(SOURCE)
        .query(f"label_values({variable.metric}, {variable.label})")
        .refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(models.VariableSort.ALPHABETICAL_ASC)
        .multi(True)  # noqa: FBT003 - the SDK's
        .include_all(True)  # noqa: FBT003 - the SDK's
        .all_value(".*")
        .current(every)
    )


def _operations(url: str) -> builders.ConstantVariable:
    return builders.ConstantVariable("operations").value(url)
