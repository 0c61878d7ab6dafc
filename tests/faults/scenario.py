"""Scenarios by name, and how one is played: run, settle, read the history, check it."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from statistics import median

from tests.faults.environment import (
    Environment,
    EnvironmentFactory,
    NotPossibleError,
    default_environment,
    temporary,
)
from tests.faults.observe.measurements import Recovery
from tests.faults.report.checker import check
from tests.faults.run import Run

Play = Callable[[Run], None]
Provider = Callable[[EnvironmentFactory], AbstractContextManager[Environment]]


@dataclass(frozen=True)
class Scenario:
    """One fault. `short` is the scale at which it is part of `make test`, None if it is not.

    A scenario is played `alone` if others in parallel would change what it measures.
    """

    name: str
    play: Play
    environment: EnvironmentFactory = default_environment
    short: float | None = None
    alone: bool = False


SCENARIOS: dict[str, Scenario] = {}


def scenario(
    name: str,
    *,
    environment: EnvironmentFactory = default_environment,
    short: float | None = None,
    alone: bool = False,
) -> Callable[[Play], Play]:
    """Register a function as a scenario.

    Args:
        name: The title of the fault in the table.
        environment: The servers that it needs.
        short: The scale at which it also belongs to the short selection.
        alone: Whether no other scenario runs in parallel.
    """

    def register(play: Play) -> Play:
        assert name not in SCENARIOS
        SCENARIOS[name] = Scenario(name, play, environment, short, alone)
        return play

    return register


@dataclass
class Row:
    """One row of the table, with the sums over all rounds.

    `not_run` says why the scenario could not run here, `suite_errors` why the suite itself failed:
    neither is a success, and neither is a violated guarantee.
    """

    fault: str
    rounds: int = 0
    faults: int = 0
    accepted: int = 0
    lost: int = 0
    duplicated: int = 0
    out_of_order: int = 0
    crashes: int = 0
    mails_repeated: int = 0
    recoveries: list[Recovery] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    suite_errors: list[str] = field(default_factory=list)
    seconds: float = 0.0
    not_run: str = ""

    @property
    def is_good(self) -> bool:
        return self.state == "good"

    @property
    def state(self) -> str:
        if self.complaints:
            return "VIOLATED"
        if self.suite_errors:
            return "suite error"
        return "not run" if self.not_run else "good"

    @property
    def recovery(self) -> str:
        """The median and the longest recovery in seconds, and the service of the longest."""
        if not self.recoveries:
            return "-"
        longest = max(self.recoveries, key=lambda each: each.seconds)
        middle = median(each.seconds for each in self.recoveries)
        return f"{middle:.1f} / {longest.seconds:.1f} ({longest.service})"


def play(scenario: Scenario, row: Row, scale: float = 1.0, provide: Provider = temporary) -> None:
    """Play one round of a scenario, and add the result to its row.

    `provide` gives it the servers that it needs; by default, new ones.
    """
    started = time.monotonic()
    row.rounds += 1
    try:
        with provide(scenario.environment) as environment:
            run = Run(environment, scale, seed=row.rounds)
            try:
                scenario.play(run)
                run.settle()
                _add(row, run)
            finally:
                run.close()
    except NotPossibleError as error:
        row.rounds -= 1
        row.not_run = str(error)
    except Exception as error:  # noqa: BLE001 - the other scenarios must still run
        row.suite_errors.append(f"suite error: {type(error).__name__}: {error}")
    row.seconds += time.monotonic() - started


def _add(row: Row, run: Run) -> None:
    measured, history = run.measured, run.history()
    verdict = check(history)
    row.faults += measured.faults
    row.crashes += measured.crashes
    row.accepted += len(history.accepted)
    row.lost += len(verdict.lost)
    row.duplicated += len(verdict.duplicated) + len(verdict.unexpected)
    row.out_of_order += len(verdict.out_of_order)
    row.mails_repeated += verdict.mails_repeated
    row.recoveries += measured.recoveries
    row.notes += measured.notes
    row.complaints += [*measured.complaints, *run.ledger.errors, *verdict.complaints]
    if verdict.mails_repeated > measured.repeats_allowed:
        row.complaints.append(
            f"{verdict.mails_repeated} mails were repeated, allowed are {measured.repeats_allowed}"
        )
