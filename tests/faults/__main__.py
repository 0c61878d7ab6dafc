"""Run the fault suite: `python -m tests.faults [--rounds N] [--scale X] [WORD]...`.

A full run writes `tests/faults/results/latest.*` and the figures in `docs/reliability.md`; a run of
some scenarios only prints, or with `--update` replaces their rows. Exits with 1 if a guarantee was
violated or a scenario failed.
"""

import argparse
import os
import signal
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.faults import scenarios
from tests.faults.report.table import (
    COLUMNS,
    cells,
    complaints,
    last_results,
    measured_on,
    save,
    update_page,
    with_rows,
)
from tests.faults.scenario import SCENARIOS, Row, Scenario, play

_IN_PARALLEL = 2  # scenarios mostly wait for time-outs


def main() -> int:
    """Run the chosen scenarios and print the table."""
    arguments = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the servers are stopped, too
    scenarios.load()
    chosen = _select(arguments.words)
    about = measured_on()
    console = Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else 200)
    rows = _play_all(chosen, arguments.rounds, arguments.scale, console)
    console.print(_table(rows))
    for each in complaints(rows):
        console.print(each, soft_wrap=True)
    if arguments.scale == 1 and (arguments.update or len(chosen) == len(SCENARIOS)):
        _publish(rows, about, into_last=len(chosen) < len(SCENARIOS))
    return 1 if any(each.complaints or each.suite_errors for each in rows) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    rounds = int(os.environ.get("ROUNDS", "1"))
    parser.add_argument("--rounds", type=int, default=rounds, help="how often to run each scenario")
    parser.add_argument("--scale", type=float, default=1.0, help="fraction of the load to use")
    parser.add_argument("words", nargs="*", help="only scenarios with one of these in their title")
    parser.add_argument(
        "--update", action="store_true", help="put these scenarios into the results of the last run"
    )
    return parser.parse_args()


def _publish(rows: Sequence[Row], about: dict[str, Any], *, into_last: bool) -> None:
    all_rows, all_about = (
        with_rows(last_results("latest"), rows, about) if into_last else (rows, about)
    )
    save(all_rows, all_about, "latest")
    update_page(all_rows, all_about)


def _select(words: Sequence[str]) -> list[Scenario]:
    names = [name for name in SCENARIOS if not words or any(each in name for each in words)]
    if not names:
        sys.exit("No scenario has such a title; there are:\n" + "\n".join(SCENARIOS))
    return [SCENARIOS[each] for each in names]


def _play_all(chosen: Sequence[Scenario], rounds: int, scale: float, console: Console) -> list[Row]:
    rows = [Row(each.name) for each in chosen]
    pairs = list(zip(chosen, rows, strict=True))
    for number in range(rounds):
        play_one = partial(_play, round_=f"{number + 1}/{rounds}", scale=scale, console=console)
        for pair in pairs:
            if pair[0].alone:
                play_one(pair)
        with ThreadPoolExecutor(_IN_PARALLEL) as executor:
            list(executor.map(play_one, [pair for pair in pairs if not pair[0].alone]))
    return rows


def _play(pair: tuple[Scenario, Row], *, round_: str, scale: float, console: Console) -> None:
    scenario, row = pair
    started = time.monotonic()
    play(scenario, row, scale)
    console.print(f"{round_} {scenario.name}: {row.state} ({time.monotonic() - started:.0f} s)")
    for each in complaints([row]):
        console.print(f"    {each}", soft_wrap=True)


def _table(rows: Sequence[Row]) -> Table:
    table = Table(*COLUMNS)
    for each in rows:
        table.add_row(*cells(each))
    return table


if __name__ == "__main__":
    sys.exit(main())
