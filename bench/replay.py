"""Decisions a second when a year's applications are decided again: rules alone, and from bytes."""

import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Final

import orjson

from bench.machine import client_cores, pinned
from bench.notify import combined
from bench.plan import Plan
from bench.results import RateFigures
from devstack.program import PROJECT

Say = Callable[[str], None]
_WHAT: Final[Mapping[str, str]] = {
    "rules": "the complete rules on applications that are read already",
    "from-bytes": "read from the event's bytes, checked, decided, with all sentences",
}


def measure(plan: Plan, say: Say) -> dict[str, RateFigures]:
    """Measure several times in a process of its own on one core."""
    figures: dict[str, list[RateFigures]] = {name: [] for name in _WHAT}
    for number in range(plan.rounds):
        for name, seconds in _run(plan.replayed).items():
            rate = plan.replayed / seconds
            cost = round(seconds * 1e6 / plan.replayed, 2)
            found = RateFigures(what=_WHAT[name], per_second=round(rate, 1), cpu_us_each=cost)
            figures[name].append(found)
            say(f"round {number + 1}: {name}: {rate:,.0f}/s")
    return {name: combined(each) for name, each in figures.items()}


def _run(applications: int) -> dict[str, float]:
    command = (sys.executable, "-m", "bench.replaying", str(applications))
    done = subprocess.run(  # noqa: S603 - our own command line
        pinned(command, client_cores()), cwd=PROJECT, capture_output=True, check=True
    )
    seconds: dict[str, float] = orjson.loads(done.stdout)
    return seconds
