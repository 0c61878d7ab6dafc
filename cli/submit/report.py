"""What a run reports: while it goes on, and at its end."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cli.submit.outcomes import Accepted, Outcome, Refused
from shared.files.ndjson import Line

_REFUSALS_LISTED: Final = 1_000
_REPEATS_LISTED: Final = 20


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that was refused, and the problem document that says why."""

    line: int
    problem: Mapping[str, Any]


@dataclass(slots=True)
class Report:
    """The outcomes of a file's lines; `refusals` lists only the first thousand.

    `accepted` includes those of earlier runs, which `resumed` counts. `repeated` counts the lines
    with the content of an earlier one, and `repeats` names the first of them, each with the first
    line of that content: every line is an application of its own.
    """

    accepted: int = 0
    resumed: int = 0
    refused: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    repeated: int = 0
    repeats: dict[int, int] = field(default_factory=dict)

    def add(self, line: Line, outcome: Outcome) -> None:
        """Count the outcome of a line."""
        match outcome:
            case Accepted():
                self.accepted += 1
            case Refused(problem):
                self.refused += 1
                if len(self.refusals) < _REFUSALS_LISTED:
                    self.refusals.append(Refusal(line.number, problem))

    def add_resumed(self) -> None:
        """Count a line that an earlier run submitted."""
        self.accepted += 1
        self.resumed += 1

    def add_repeated(self, line: Line, first: int) -> None:
        """Count a line with the content of an earlier one."""
        self.repeated += 1
        if len(self.repeats) < _REPEATS_LISTED:
            self.repeats[line.number] = first


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of a file is done.

    `waiting_for` says what it waits for, and `notice` what the user should know, if anything.
    """

    lines: int
    done: int = 0
    accepted: int = 0
    refused: int = 0
    waiting_for: str = ""
    notice: str = ""


OnProgress = Callable[[Progress], None]
