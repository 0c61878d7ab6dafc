"""Run the benchmark: `python -m bench`, or `make bench`."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from bench import growth, intake, latency, notify, pipeline, recovery, replay
from bench.contender import CONTENDERS, Contender
from bench.machine import commit, machine, versions
from bench.page import main as write_page
from bench.plan import FULL, MILLION, QUICK, Plan
from bench.results import LATEST, Results, write
from bench.tables import TABLES

PLANS: Final = {each.name: each for each in (FULL, QUICK, MILLION)}
Update = Callable[[list[Contender], Plan], dict[str, object]]


def _say(text: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S} {text}", flush=True)


PARTS: Final[dict[str, Update]] = {
    "pipeline": lambda who, plan: {"pipeline": pipeline.measure(who, plan, _say)},
    "intake": lambda _, plan: {"intake": intake.measure(plan, _say)},
    "notify": lambda _, plan: {"notify": notify.measure(plan, _say)},
    "replay": lambda _, plan: {"replay": replay.measure(plan, _say)},
    "latency": lambda _, plan: {"latency": latency.measure(plan, _say)},
    "recovery": lambda _, plan: dict(recovery.measure(plan, _say)),
    "growth": lambda _, plan: {"growth": growth.measure(plan, _say)},
}


def main(
    size: Annotated[str, typer.Option(help="quick, full or million.")] = "full",
    part: Annotated[list[str] | None, typer.Option(help="Only this; may be repeated.")] = None,
    contender: Annotated[list[str] | None, typer.Option(help="Only these in the pipeline.")] = None,
    results_file: Annotated[Path, typer.Option(help="Where to write.")] = LATEST,
) -> None:
    """Measure, write the results and the page, and print the tables."""
    plan = PLANS[size]
    results = Results(
        plan=plan.name,
        measured_at=datetime.now(UTC),
        commit=commit(),
        machine=machine(),
        versions=versions(),
    )
    who = chosen(plan, contender)
    for name in part or PARTS:
        _say(f"— {name}")
        results = results.model_copy(update=PARTS[name](who, plan))
        write(results, results_file)
    if results_file == LATEST:
        write_page()
    show(results)


def chosen(plan: Plan, names: list[str] | None) -> list[Contender]:
    """Choose who takes part: those that are named, else all, or the main ones if it is short."""
    if names:
        return [each for each in CONTENDERS if each.name in names]
    return [each for each in CONTENDERS if each.quick or plan is not QUICK]


def show(results: Results) -> None:
    """Print what was measured."""
    for table in TABLES.values():
        if (text := table(results)).count("\n") > 1:
            print(f"\n{text}")


if __name__ == "__main__":
    typer.run(main)
