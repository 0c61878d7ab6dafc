"""What a dashboard is made of, in the words of its pages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Kind = Literal["lines", "stack", "number", "states", "table", "text"]
Color = Literal["green", "orange", "red"]

DATASOURCE: Final = "cppp-prometheus"
"""The uid of the data source in deploy/grafana/provisioning."""
SCRAPE_SECONDS: Final = 5
"""How often deploy/prometheus scrapes; `$__rate_interval` is at least four times as long."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel. Its description says what is normal, and what to do about anything else.

    `queries` are PromQL by legend. From each of the `levels` on a value has that colour, below the
    first one green, unless `-inf` is among them. Values of
    `meanings` are shown as a word. A `runbook` is a page of docs/runbooks, with or without section.
    """

    title: str
    description: str
    unit: str
    queries: Mapping[str, str]
    kind: Kind = "lines"
    width: int = 12
    height: int = 8
    levels: Mapping[float, Color] = field(default_factory=dict)
    meanings: Mapping[int, tuple[str, Color]] = field(default_factory=dict)
    runbook: str = ""
    without_data: str = "no traffic"
    axis_from: float = 0.0
    """Where the axis of a drawing begins, unless a value is lower."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Of a table: the titles of the labels that it shows, in this order."""
    content: str = ""
    """Of a text: Markdown, in which `$operations` is the address of that service's page."""


@dataclass(frozen=True, slots=True)
class Row:
    """Panels under one heading, from left to right; 24 columns are a line."""

    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True)
class Variable:
    """What a reader may choose: the values of a label of a metric, all unless chosen."""

    label: str
    metric: str


@dataclass(frozen=True, slots=True)
class Dashboard:
    """One dashboard; its uid, and the name of its file, is `cppp-NAME`."""

    name: str
    title: str
    description: str
    rows: tuple[Row, ...]
    variables: tuple[Variable, ...] = ()

    @property
    def uid(self) -> str:
        """The name by which others link to it."""
        return f"cppp-{self.name}"

    @property
    def panels(self) -> list[Panel]:
        """All panels, from the top."""
        return [panel for row in self.rows for panel in row.panels]
