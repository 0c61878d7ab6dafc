"""One run over a file of submissions: submits each line and reports the outcomes."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from cli.submit.intake_client import Accepted, Connection, Refused
from cli.submit.receipts import Receipts
from shared.files.ndjson import Line

_LISTED_AT_MOST: Final = 1_000


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that was refused, and the problem document that says why."""

    line: int
    problem: Mapping[str, Any]


@dataclass(slots=True)
class Report:
    """The outcomes of a file's lines; `refusals` lists only the first thousand.

    `accepted` includes those of earlier runs, which `resumed` counts. `repeated` names the first
    line of each line with the same content: every line is an application of its own.
    """

    accepted: int = 0
    resumed: int = 0
    refused: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    repeated: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of a file is done; `waiting_for` says what it waits for, if anything."""

    lines: int
    done: int = 0
    accepted: int = 0
    refused: int = 0
    waiting_for: str = ""


OnProgress = Callable[[Progress], None]


class Run:
    """Submits the lines of one file and writes their receipts."""

    def __init__(self, receipts: Receipts, lines: int, on_progress: OnProgress) -> None:
        self._receipts = receipts
        self._progress = Progress(lines)
        self._on_progress = on_progress
        self._report = Report()
        self._first_line: dict[bytes, int] = {}

    async def set_aside_receipts_of_another_intake(self, connection: Connection) -> None:
        """Start without receipts if they are another intake's: this one does not know a sample."""
        if self._receipts.sample:
            async with connection.opened(self._wait_for) as client:
                if not await client.knows(self._receipts.sample):
                    self._receipts.set_aside()

    async def submit_all(
        self, lines: Iterator[Line], connection: Connection, concurrency: int
    ) -> Report:
        """Submit every line, several at a time; the first error cancels the rest and is raised."""
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(concurrency):
                    group.create_task(self._submit_each(lines, connection))
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None
        self._show(done=self._progress.lines)
        return self._report

    def _wait_for(self, what: str) -> None:
        self._show(waiting_for=what)

    async def _submit_each(self, lines: Iterator[Line], connection: Connection) -> None:
        # One client per task: a shared pool costs more than the requests.
        async with connection.opened(self._wait_for) as client:
            for line in lines:  # all share one iterator
                self._compare(line)
                if self._receipts.application_id(line):
                    self._report.resumed += 1
                    self._report.accepted += 1
                else:
                    self._record(line, await client.submit(line))
                self._show(done=line.number)

    def _compare(self, line: Line) -> None:
        first = self._first_line.setdefault(line.digest, line.number)
        if first != line.number:
            self._report.repeated[line.number] = first

    def _record(self, line: Line, outcome: Accepted | Refused) -> None:
        match outcome:
            case Accepted(application_id):
                self._receipts.accepted(line, application_id)
                self._report.accepted += 1
            case Refused(problem):
                self._receipts.refused(line, problem)
                self._report.refused += 1
                if len(self._report.refusals) < _LISTED_AT_MOST:
                    self._report.refusals.append(Refusal(line.number, problem))

    def _show(self, *, done: int = 0, waiting_for: str = "") -> None:
        self._progress = replace(
            self._progress,
            done=max(done, self._progress.done),
            accepted=self._report.accepted,
            refused=self._report.refused,
            waiting_for=waiting_for,
        )
        self._on_progress(self._progress)
