"""Decisions per second when a year's applications are decided again, and the cost of each stage."""

import subprocess
import sys
from statistics import median
from typing import Final

import orjson

from bench.harness.log import log
from bench.harness.machine import contender_cores, pinned_command
from bench.harness.plan import Plan
from bench.report.results import RateFigures
from devstack.stack.program import PROJECT

_RULES: Final = "rules"
_FROM_BYTES: Final = ("read and validate", "decide, with reasons and hash")


def measure(plan: Plan) -> dict[str, object]:
    """Measure in several rounds, each in a separate process on one core."""
    applications = plan.replayed_applications
    rounds = [_run_stages(applications) for _ in range(plan.side_rounds)]
    seconds = {name: median(each[name] for each in rounds) for name in rounds[0]}
    cost_us = {name: round(each * 1e6 / applications, 2) for name, each in seconds.items()}
    figures = {
        _RULES: _figures("the complete rules on parsed applications", cost_us[_RULES]),
        "from-bytes": _figures(
            "from the event's bytes: parse, validate, decide, add the texts of all reasons",
            sum(cost_us[name] for name in _FROM_BYTES),
        ),
    }
    for name, each in figures.items():
        log(f"{name}: {each.per_second:,.0f} decisions/s")
    stages_us = {name: cost for name, cost in cost_us.items() if name != _RULES}
    return {"replay": figures, "stages_us": stages_us}


def _figures(description: str, cost_us: float) -> RateFigures:
    return RateFigures(
        what=description, per_second=round(1e6 / cost_us, 1), cpu_us_each=round(cost_us, 2)
    )


def _run_stages(applications: int) -> dict[str, float]:
    command = (sys.executable, "-m", "bench.parts.replay_process", str(applications))
    done = subprocess.run(  # noqa: S603 - our own command line
        pinned_command(command, contender_cores()), cwd=PROJECT, capture_output=True, check=True
    )
    seconds: dict[str, float] = orjson.loads(done.stdout)
    return seconds
