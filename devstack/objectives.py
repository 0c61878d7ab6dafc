"""Prints the objectives and how they are met: `python -m devstack.objectives PROMETHEUS_URL`.

The queries are those of docs/slo.md.
"""

import math
import re
import sys
from collections.abc import Mapping
from typing import Final

import httpx
from rich.console import Console
from rich.table import Table

from devstack.errors import StackError
from devstack.stack.program import PROJECT

PAGE: Final = PROJECT / "docs" / "slo.md"
_HEAD: Final = "| column | query |\n| --- | --- |\n"
_ROW: Final = re.compile(r"^\| (.+?) \| `(.+)` \|$", re.MULTILINE)
_BLOCK: Final = re.compile(r"^```promql\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_TIMEOUT_SECONDS: Final = 30.0
_NO_EVENTS: Final = "no events"

Answers = Mapping[str, Mapping[str, float]]
"""Of each column, the value of each objective that has one."""


def columns(page: str) -> dict[str, str]:
    """Return the queries of the table of answers, by the name of their column."""
    table = page.partition(_HEAD)[2].partition("\n\n")[0]
    return dict(_ROW.findall(table))


def other_queries(page: str) -> list[str]:
    """Return the queries that stand alone; each has one value."""
    return _BLOCK.findall(page)


def answers(url: str, queries: Mapping[str, str]) -> Answers:
    """Ask Prometheus.

    Raises `StackError` if it does not answer.
    """
    with httpx.Client(base_url=url, timeout=_TIMEOUT_SECONDS, trust_env=False) as client:
        return {name: _by_objective(client, query) for name, query in queries.items()}


def table(found: Answers) -> Table:
    """Return the answers as a table, a row for each objective."""
    shown = Table("objective", *found)
    names = {name: None for values in found.values() for name in values}
    for each in names:
        shown.add_row(each, *(_percent(values.get(each)) for values in found.values()))
    return shown


def _by_objective(client: httpx.Client, query: str) -> dict[str, float]:
    try:
        answer = client.get("/api/v1/query", params={"query": query})
        answer.raise_for_status()
        result = answer.json()["data"]["result"]
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError) as error:
        msg = f"Prometheus does not answer at {client.base_url}: {error}"
        raise StackError(msg) from error
    return {each["metric"].get("objective", ""): float(each["value"][1]) for each in result}


def _percent(share: float | None) -> str:
    if share is None or math.isnan(share):
        return _NO_EVENTS
    return f"{share:.2%}"


def main() -> None:
    """Print the table; end with a message if Prometheus does not answer."""
    if len(sys.argv) != 2:  # noqa: PLR2004 - the program and its argument
        sys.exit("Usage: python -m devstack.objectives http://HOST:PORT (of Prometheus)")
    try:
        found = answers(sys.argv[1], columns(PAGE.read_text()))
    except StackError as error:
        sys.exit(str(error))
    if not any(found.values()):
        sys.exit("Prometheus has no objectives: it must run with deploy/prometheus.")
    Console().print(table(found))


if __name__ == "__main__":
    main()
