"""Scenarios by name, and how one is played: run, settle, read back, check."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

from tests.faults.environment import EnvironmentFactory, NotPossibleError, one_of_each, temporary
from tests.faults.observe.measured import Recovery
from tests.faults.report.checker import check
from tests.faults.run import Run

Play = Callable[[Run], None]


@dataclass(frozen=True)
class Scenario:
    """One fault. `short` is the scale at which it is part of `make test`, if it is at all.

    One that is played `alone` measures what others beside it would change.
    """

    name: str
    play: Play
    environment: EnvironmentFactory = one_of_each
    short: float | None = None
    alone: bool = False


SCENARIOS: dict[str, Scenario] = {}


def scenario(
    name: str,
    *,
    environment: EnvironmentFactory = one_of_each,
    short: float | None = None,
    alone: bool = False,
) -> Callable[[Play], Play]:
    """Register a function as a scenario.

    Args:
        name: What the table calls the fault.
        environment: What it is played on.
        short: At which scale it also belongs to the short selection, if it does.
        alone: Whether nothing else is played beside it.
    """

    def register(play: Play) -> Play:
        assert name not in SCENARIOS
        SCENARIOS[name] = Scenario(name, play, environment, short, alone)
        return play

    return register


@dataclass
class Row:
    """One line of the table; figures of several rounds are added up.

    `not_run` says why the scenario could not be played here, and `suite_errors` where the suite
    itself failed: neither is a success, and neither is a broken promise.
    """

    fault: str
    rounds: int = 0
    faults: int = 0
    accepted: int = 0
    lost: int = 0
    doubled: int = 0
    disordered: int = 0
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
        """The median and the longest recovery, in seconds, and whose the longest was."""
        if not self.recoveries:
            return "-"
        longest = max(self.recoveries, key=lambda each: each.seconds)
        middle = median(each.seconds for each in self.recoveries)
        return f"{middle:.1f} / {longest.seconds:.1f} ({longest.service})"


def play(scenario: Scenario, row: Row, scale: float = 1.0) -> None:
    """Play one round of a scenario, and add what came of it to its row."""
    started = time.monotonic()
    row.rounds += 1
    try:
        with temporary(scenario.environment) as environment:
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
    except Exception as error:  # noqa: BLE001 - the other scenarios are to be played all the same
        row.suite_errors.append(f"error of the suite: {type(error).__name__}: {error}")
    row.seconds += time.monotonic() - started


def _add(row: Row, run: Run) -> None:
    measured, history = run.measured, run.history()
    verdict = check(history)
    row.faults += measured.faults
    row.crashes += measured.crashes
    row.accepted += len(history.accepted)
    row.lost += len(verdict.lost)
    row.doubled += len(verdict.doubled) + len(verdict.foreign)
    row.disordered += len(verdict.disordered)
    row.mails_repeated += verdict.mails_repeated
    row.recoveries += measured.recoveries
    row.notes += measured.notes
    row.complaints += [*measured.complaints, *run.ledger.refusals, *verdict.complaints]
    if verdict.mails_repeated > measured.repeats_allowed:
        row.complaints.append(
            f"{verdict.mails_repeated} mails were repeated, {measured.repeats_allowed} may be"
        )
