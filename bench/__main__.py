"""Runs the benchmark: `python -m bench`, or `make bench`."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from bench.harness.contender import CONTENDERS, ELIGIBILITY, Contender
from bench.harness.installation import NotRunError, install_contender
from bench.harness.log import log
from bench.harness.machine import current_commit, describe_machine, software_versions
from bench.harness.plan import FULL, QUICK, STANDARD, Plan
from bench.parts import (
    growth,
    intake,
    latency,
    load,
    metrics,
    notify,
    pipeline,
    recovery,
    replay,
    tracing,
)
from bench.parts.platform import part as platform
from bench.parts.portal import part as portal
from bench.report.page import main as update_page
from bench.report.plots import draw_plots
from bench.report.results import LATEST, Results, write_results
from bench.report.tables import TABLES

PLANS: Final = {each.name: each for each in (STANDARD, QUICK, FULL)}
Measurement = Callable[[list[Contender], Plan], dict[str, object]]

PARTS: Final[dict[str, Measurement]] = {
    "platform": lambda _, plan: {"platform": platform.measure(plan)},
    "pipeline": lambda contenders, plan: {"pipeline": pipeline.measure(contenders, plan)},
    "intake": lambda _, plan: {"intake": intake.measure(plan)},
    "notify": lambda _, plan: notify.measure(plan),
    "replay": lambda _, plan: replay.measure(plan),
    "latency": lambda _, plan: {"latency": latency.measure(plan)},
    "load": lambda _, plan: {"load": load.measure(plan)},
    "recovery": lambda _, plan: recovery.measure(plan),
    "growth": lambda _, plan: {"growth": growth.measure(plan)},
    "metrics": lambda _, plan: {"metrics": metrics.measure(plan)},
    "tracing": lambda _, plan: {"tracing": tracing.measure(plan)},
    "portal": lambda _, plan: {"portal": portal.measure(plan)},
}


def main(  # noqa: PLR0913, PLR0917  # one parameter for each option
    size: Annotated[str, typer.Option(help="quick, standard or full.")] = "standard",
    part: Annotated[
        list[str] | None, typer.Option(help="Measure only this part; repeatable.")
    ] = None,
    contender: Annotated[
        list[str] | None, typer.Option(help="Measure only this contender; repeatable.")
    ] = None,
    results_file: Annotated[Path, typer.Option(help="Write the results here.")] = LATEST,
    applications: Annotated[
        int | None, typer.Option(help="How many applications the part platform sends.")
    ] = None,
    baseline: Annotated[
        Path | None, typer.Option(help="Another checkout to measure the platform of.")
    ] = None,
) -> None:
    """Measure, write the results, update the page, and print the tables.

    If a part fails, the others are still measured, and the exit code is 1.
    """
    plan = _adapted(PLANS[size], contender, applications, baseline)
    results = Results(
        plan=plan.name,
        measured_at=datetime.now(UTC),
        commit=current_commit(),
        machine=describe_machine(),
        versions=software_versions(),
    )
    install_contender(ELIGIBILITY)  # every part needs the services
    contenders = select_contenders(plan, contender)
    failed = 0
    for name in part or PARTS:
        log(f"— {name}")
        try:
            results = results.model_copy(update=PARTS[name](contenders, plan))
        except Exception as error:  # noqa: BLE001  # the other parts take long enough
            log(f"{name} could not be measured: {type(error).__name__}: {error}")
            failed += 1
        write_results(results, results_file)
    if results_file == LATEST:
        _update_docs()
    print_tables(results)
    raise typer.Exit(min(failed, 1))


def _adapted(
    plan: Plan, names: list[str] | None, applications: int | None, baseline: Path | None
) -> Plan:
    adapted = replace(plan, only=tuple(names or ()), baseline=str(baseline or ""))
    if applications is None:
        return adapted
    slow = min(applications, plan.slow_applications)
    return replace(adapted, applications=applications, slow_applications=slow)


def _update_docs() -> None:
    try:
        draw_plots()
    except NotRunError as error:
        log(f"no plots: {error}")
    update_page()


def select_contenders(plan: Plan, names: list[str] | None) -> list[Contender]:
    """Return the named contenders; by default all, or the main ones in the quick benchmark."""
    if names:
        return [each for each in CONTENDERS if each.name in names]
    return [each for each in CONTENDERS if each.quick or plan.name != QUICK.name]


def print_tables(results: Results) -> None:
    """Print the tables for which there are results."""
    for table in TABLES.values():
        if (text := table(results)).count("\n") > 1:
            print(f"\n{text}")


if __name__ == "__main__":
    typer.run(main)
