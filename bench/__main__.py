"""Run the benchmark: `python -m bench`, or `make bench`."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from bench.harness.contender import CONTENDERS, Contender
from bench.harness.installation import NotRunError, set_up
from bench.harness.machine import commit, machine, versions
from bench.harness.plan import FULL, QUICK, STANDARD, Plan
from bench.parts import growth, intake, latency, load, notify, pipeline, recovery, replay
from bench.report import plots
from bench.report.page import main as write_page
from bench.report.results import LATEST, Results, write
from bench.report.tables import TABLES

PLANS: Final = {each.name: each for each in (STANDARD, QUICK, FULL)}
Update = Callable[[list[Contender], Plan], dict[str, object]]


def _say(text: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S} {text}", flush=True)


PARTS: Final[dict[str, Update]] = {
    "pipeline": lambda who, plan: {"pipeline": pipeline.measure(who, plan, _say)},
    "intake": lambda _, plan: {"intake": intake.measure(plan, _say)},
    "notify": lambda _, plan: {"notify": notify.measure(plan, _say)},
    "replay": lambda _, plan: replay.measure(plan, _say),
    "latency": lambda _, plan: {"latency": latency.measure(plan, _say)},
    "load": lambda _, plan: {"load": load.measure(plan, _say)},
    "recovery": lambda _, plan: dict(recovery.measure(plan, _say)),
    "growth": lambda _, plan: {"growth": growth.measure(plan, _say)},
}


def main(
    size: Annotated[str, typer.Option(help="quick, standard or full.")] = "standard",
    part: Annotated[list[str] | None, typer.Option(help="Only this; may be repeated.")] = None,
    contender: Annotated[list[str] | None, typer.Option(help="Only these ways.")] = None,
    results_file: Annotated[Path, typer.Option(help="Where to write.")] = LATEST,
) -> None:
    """Measure, write the results and the page, and print the tables.

    A part that fails takes no other with it; the end is 1 then.
    """
    plan = PLANS[size]
    results = Results(
        plan=plan.name,
        measured_at=datetime.now(UTC),
        commit=commit(),
        machine=machine(),
        versions=versions(),
    )
    set_up(CONTENDERS[0])  # every part has to do with ours
    who = chosen(plan, contender)
    failed = 0
    for name in part or PARTS:
        _say(f"— {name}")
        try:
            results = results.model_copy(update=PARTS[name](who, plan))
        except Exception as error:  # noqa: BLE001  # the other parts take most of an hour
            _say(f"{name} could not be measured: {type(error).__name__}: {error}")
            failed += 1
        write(results, results_file)
    if results_file == LATEST:
        _write_page()
    show(results)
    raise typer.Exit(min(failed, 1))


def _write_page() -> None:
    try:
        plots.draw()
    except NotRunError as error:
        _say(f"no plots: {error}")
    write_page()


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
