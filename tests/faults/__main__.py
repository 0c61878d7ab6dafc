"""Play the fault suite: `python -m tests.faults [--rounds N] [--scale X] [WORDS OF A FAULT]...`.

All of it writes `tests/faults/results/latest.*` and the figures in `docs/reliability.md`; a part
of it only prints. Ends with 1 if anything was lost, doubled, out of order or otherwise wrong.
"""

import argparse
import os
import signal
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from rich.console import Console
from rich.table import Table

from tests.faults import scenarios
from tests.faults.report.table import COLUMNS, cells, circumstances, complaints, keep, show_in_page
from tests.faults.scenario import SCENARIOS, Row, Scenario, play

_SIDE_BY_SIDE = 2  # most of them wait for a time-out most of the time


def main() -> int:
    """Play what is asked for, and say how it went."""
    asked = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started is stopped, too
    scenarios.load()
    chosen = _chosen(asked.words)
    about = circumstances()
    console = Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else 200)
    rows = _play_all(chosen, asked.rounds, asked.scale, console)
    console.print(_table(rows))
    for each in complaints(rows):
        console.print(each, soft_wrap=True)
    if len(chosen) == len(SCENARIOS) and asked.scale == 1:
        keep(rows, about, "latest")
        show_in_page(rows, about)
    return 1 if any(each.complaints or each.suite_errors for each in rows) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    rounds = int(os.environ.get("ROUNDS", "1"))
    parser.add_argument("--rounds", type=int, default=rounds, help="how often to play each fault")
    parser.add_argument("--scale", type=float, default=1.0, help="how much of the load to use")
    parser.add_argument("words", nargs="*", help="only the faults with one of these in their name")
    return parser.parse_args()


def _chosen(words: Sequence[str]) -> list[Scenario]:
    names = [name for name in SCENARIOS if not words or any(each in name for each in words)]
    if not names:
        sys.exit("No fault has such a name; there are:\n" + "\n".join(SCENARIOS))
    return [SCENARIOS[each] for each in names]


def _play_all(chosen: Sequence[Scenario], rounds: int, scale: float, console: Console) -> list[Row]:
    rows = [Row(each.name) for each in chosen]
    pairs = list(zip(chosen, rows, strict=True))
    for number in range(rounds):
        told = partial(_play, about=f"{number + 1}/{rounds}", scale=scale, console=console)
        for pair in pairs:
            if pair[0].alone:
                told(pair)
        with ThreadPoolExecutor(_SIDE_BY_SIDE) as players:
            list(players.map(told, [pair for pair in pairs if not pair[0].alone]))
    return rows


def _play(pair: tuple[Scenario, Row], *, about: str, scale: float, console: Console) -> None:
    scenario, row = pair
    started = time.monotonic()
    play(scenario, row, scale)
    console.print(f"{about} {scenario.name}: {row.state} ({time.monotonic() - started:.0f} s)")
    for each in complaints([row]):
        console.print(f"    {each}", soft_wrap=True)


def _table(rows: Sequence[Row]) -> Table:
    table = Table(*COLUMNS)
    for each in rows:
        table.add_row(*cells(each))
    return table


if __name__ == "__main__":
    sys.exit(main())
