"""Asks Prometheus what a dashboard asks it, as Grafana does."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isnan
from typing import Any, Final

import httpx

from devstack.dashboards.model import SCRAPE_SECONDS

_LABEL: Final = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_POINTS: Final = 240


@dataclass(frozen=True, slots=True)
class Window:
    """The time that a dashboard shows, in seconds since 1970."""

    start: float
    end: float
    scrape_seconds: float = SCRAPE_SECONDS

    @property
    def step(self) -> int:
        """The seconds between two points, `$__interval`."""
        return max(1, int(self.scrape_seconds), round((self.end - self.start) / _POINTS))

    def query(self, expression: str) -> str:
        """Return a panel's expression with Grafana's variables replaced; all is chosen."""
        # As in Grafana's Prometheus data source: at least four scrapes, so that two are inside.
        rate = max(self.step + self.scrape_seconds, 4 * self.scrape_seconds)
        replaced = expression.replace("$__rate_interval", f"{rate:.0f}s")
        replaced = replaced.replace("$__range", f"{max(1, self.end - self.start):.0f}s")
        return re.sub(r'=~"\$\w+"', '=~".*"', replaced)


@dataclass(frozen=True, slots=True)
class Series:
    """A line of a panel; without those points that are not a number."""

    legend: str
    labels: Mapping[str, str]
    points: tuple[tuple[float, float], ...]


class Prometheus:
    """A Prometheus server."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=30, trust_env=False)

    def answers(self, target: Mapping[str, Any], window: Window) -> list[Series]:
        """Return what a query of a panel shows; nothing if there is no number among it."""
        query = window.query(target["expr"])
        if target.get("instant"):
            found = self._asked("query", query=query, time=window.end)
        else:
            found = self._asked(
                "query_range", query=query, start=window.start, end=window.end, step=window.step
            )
        series = (_series(target.get("legendFormat", ""), each) for each in found)
        return [each for each in series if each.points]

    def has_label(self, variable: str) -> bool:
        """Return whether a variable, `label_values(metric, label)`, has any value."""
        metric, label = re.findall(r"\((\w+), (\w+)\)", variable)[0]
        return bool(self._asked("query", query=f'count by ({label}) ({metric}{{{label}!=""}})'))

    def value(self, query: str) -> float:
        """Return the one number that answers a query now."""
        [found] = self._asked("query", query=query)
        return float(found["value"][1])

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _asked(self, what: str, **parameters: str | float) -> list[dict[str, Any]]:
        answer = self._client.post(f"/api/v1/{what}", data=parameters)
        body: dict[str, Any] = json.loads(answer.text)
        if body["status"] != "success":
            msg = f"{body['error']}: {parameters['query']}"
            raise ValueError(msg)
        found: list[dict[str, Any]] = body["data"]["result"]
        return found


def _series(legend: str, found: Mapping[str, Any]) -> Series:
    labels: Mapping[str, str] = found["metric"]
    named = _LABEL.sub(lambda label: labels.get(label[1], ""), legend)
    return Series(named, labels, tuple(_numbers(found.get("values") or [found["value"]])))


def _numbers(points: list[tuple[float, str]]) -> Iterator[tuple[float, float]]:
    for at, value in points:
        if not isnan(number := float(value)):
            yield at, number


def panels_of(dashboard: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the panels that ask something, from the top."""
    return [each for each in dashboard["panels"] if each.get("targets")]
