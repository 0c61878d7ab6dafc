"""The table of objectives, and what is said if there is none."""

import sys

import pytest
from rich.console import Console

from devstack import objectives
from devstack.stack.ports import free_ports

PAGE = """\
| column | query |
| --- | --- |
| target | `objective:target:ratio` |
| last hour | `1 - objective:bad_events:ratio_rate1h` |

| other | table |
| --- | --- |
| a | `b` |

```promql
sum(rate(a[1h]))
  / sum(rate(b[1h]))
```
"""


def test_the_queries_are_those_of_the_page():
    assert objectives.columns(PAGE) == {
        "target": "objective:target:ratio",
        "last hour": "1 - objective:bad_events:ratio_rate1h",
    }
    assert objectives.other_queries(PAGE) == ["sum(rate(a[1h]))\n  / sum(rate(b[1h]))\n"]


def test_an_objective_without_events_is_shown_as_that(capsys):
    found = {"target": {"decided": 0.95, "mailed": 0.9}, "last hour": {"decided": 0.99123}}

    Console().print(objectives.table(found))

    lines = [each.split() for each in capsys.readouterr().out.splitlines()]
    assert ["│", "decided", "│", "95.00%", "│", "99.12%", "│"] in lines
    assert ["│", "mailed", "│", "90.00%", "│", "no", "events", "│"] in lines


def test_a_prometheus_that_is_away_is_named(monkeypatch):
    [port] = free_ports(["prometheus"]).values()
    monkeypatch.setattr(sys, "argv", ["objectives", f"http://127.0.0.1:{port}"])

    with pytest.raises(SystemExit, match=f"Prometheus does not answer at http://127.0.0.1:{port}"):
        objectives.main()


def test_an_address_is_required(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["objectives"])

    with pytest.raises(SystemExit, match="Usage: "):
        objectives.main()
