"""`cppp dead-letters redrive` and `park`: show a plan, and carry it out with --execute."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Annotated, Final, Literal

import typer
from rich.console import Console

from cli.dead_letters.display import show_plan
from cli.dead_letters.options import errors_reported, selection_options
from cli.dead_letters.selection import Guard, Selection, park_objection
from cli.dead_letters.topics import Operation, Plan, Throttle, carry_out, find, make_plan
from cli.kafka_option import DEFAULT_KAFKA, KafkaOption, kafka_settings
from shared.clock import utc_now
from shared.dead_letters.journal import Action
from shared.dead_letters.letter import StoredDeadLetter
from shared.events.doors import is_line
from shared.service.operators import ByOption, ExecuteOption, operator, with_options
from shared.settings import KafkaSettings

_UNLIMITED: Final = 1_000_000.0
Objection = Callable[[StoredDeadLetter, Action | None], str | None]


@with_options(selection=selection_options)
def redrive(  # noqa: PLR0913  # one parameter for each option
    *,
    selection: Selection,
    execute: ExecuteOption = False,
    rate: Annotated[float, typer.Option(min=0.1, help="Letters per second at most.")] = 50,
    max_attempts: Annotated[
        int, typer.Option(min=1, help="Refuse letters that have failed this many times.")
    ] = 3,
    force: Annotated[
        bool, typer.Option("--force", help="Redrive even letters that reached --max-attempts.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Redrive even letters that are not open, by ID.")
    ] = False,
    because: Annotated[str, typer.Option(help="Reason recorded with the action.")] = "",
    by: ByOption = None,
    kafka: KafkaOption = DEFAULT_KAFKA,
) -> None:
    """Send dead letters back to the consumer group that failed on them, and to no other group.

    Shows the plan; with --execute, carries it out. To resume an interrupted run, repeat the same
    command: letters already recorded as redriven are left out.
    """
    guard = Guard(max_attempts, force, again)
    run = _OperationRun("redriven", selection, guard.objection, execute)
    action = _action("redriven", operator(by), because)
    run(kafka, Operation(action, Throttle(rate), redrives=True))


@with_options(selection=selection_options)
def park(
    *,
    because: Annotated[str, typer.Option(help="Why these letters need no further action.")],
    selection: Selection,
    execute: ExecuteOption = False,
    by: ByOption = None,
    kafka: KafkaOption = DEFAULT_KAFKA,
) -> None:
    """Mark dead letters as needing no further action: filters of `redrive` leave them out.

    Shows the plan; with --execute, carries it out. `redrive --again ID` undoes it.
    """
    if not because.strip():
        msg = "Must say why these letters need no further action."
        raise typer.BadParameter(msg, param_hint="--because")
    run = _OperationRun("parked", selection, park_objection, execute)
    action = _action("parked", operator(by), because)
    run(kafka, Operation(action, Throttle(_UNLIMITED), redrives=False))


def _action(
    action: Literal["redriven", "parked"], by: str, because: str
) -> Callable[[StoredDeadLetter], Action]:
    if because and not is_line(because):
        msg = "Must be on one line with something visible on it."
        raise typer.BadParameter(msg, param_hint="--because")

    def of(letter: StoredDeadLetter) -> Action:
        return Action(action=action, by=by, at=utc_now(), because=because, attempts=letter.attempts)

    return of


@dataclass(frozen=True, slots=True)
class _OperationRun:
    """One run of `redrive` or `park`: which letters, what forbids it, and whether to execute."""

    verb: str
    selection: Selection
    objection: Objection
    execute: bool

    def __call__(self, kafka: str, operation: Operation) -> None:
        """Show the plan, carry it out with --execute, and exit: 1 if letters were refused."""
        console, settings = Console(stderr=True), kafka_settings(kafka)
        with errors_reported(kafka):
            plan = make_plan(asyncio.run(find(settings, self.selection)), self.objection)
            show_plan(console, plan, self.verb)
            if self.execute:
                self._carry_out(settings, plan, operation, console)
            elif plan.todo:
                console.print("Nothing was done: this was a dry run. Add --execute to do it.")
        raise typer.Exit(1 if plan.refused else 0)

    def _carry_out(
        self, settings: KafkaSettings, plan: Plan, operation: Operation, console: Console
    ) -> None:
        done = count()
        try:
            asyncio.run(carry_out(settings, plan.todo, operation, lambda: next(done)))
        finally:
            console.print(f"{next(done)} of {len(plan.todo)} {self.verb}.", highlight=False)
