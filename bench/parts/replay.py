"""Decisions a second when a year's applications are decided again, and what each stage costs."""

import subprocess
import sys
from collections.abc import Callable
from statistics import median
from typing import Final

import orjson

from bench.harness.machine import client_cores, pinned
from bench.harness.plan import Plan
from bench.report.results import RateFigures
from devstack.stack.program import PROJECT

Say = Callable[[str], None]
_RULES: Final = "rules"
_ALL: Final = ("read and validate", "decide, with reasons and hash")


def measure(plan: Plan, say: Say) -> dict[str, object]:
    """Measure several times in a process of its own on one core."""
    runs = [_run(plan.replayed) for _ in range(plan.side_rounds)]
    stages = {name: median(each[name] for each in runs) for name in runs[0]}
    cost_us = {name: round(s * 1e6 / plan.replayed, 2) for name, s in stages.items()}
    figures = {
        _RULES: _rate("the complete rules on applications that are read already", cost_us[_RULES]),
        "from-bytes": _rate(
            "read from the event's bytes, checked, decided, with all sentences",
            sum(cost_us[name] for name in _ALL),
        ),
    }
    for name, each in figures.items():
        say(f"{name}: {each.per_second:,.0f} decisions/s")
    of_an_event = {name: cost for name, cost in cost_us.items() if name != _RULES}
    return {"replay": figures, "stages_us": of_an_event}


def _rate(what: str, cost_us: float) -> RateFigures:
    return RateFigures(what=what, per_second=round(1e6 / cost_us, 1), cpu_us_each=round(cost_us, 2))


def _run(applications: int) -> dict[str, float]:
    command = (sys.executable, "-m", "bench.parts.replaying", str(applications))
    done = subprocess.run(  # noqa: S603 - our own command line
        pinned(command, client_cores()), cwd=PROJECT, capture_output=True, check=True
    )
    seconds: dict[str, float] = orjson.loads(done.stdout)
    return seconds
