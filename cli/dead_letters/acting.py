"""`cppp dead-letters redrive` and `park`: show a plan, and carry it out with --execute."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Annotated, Final, Literal

import typer
from rich.console import Console

from cli.dead_letters.display import show_plan
from cli.dead_letters.journal import Action
from cli.dead_letters.letter import LetterId, StoredDeadLetter
from cli.dead_letters.options import (
    AllOption,
    AttemptsOption,
    ByOption,
    ExecuteOption,
    GroupOption,
    KeyOption,
    LetterArguments,
    ReasonOption,
    SinceOption,
    TopicOption,
    errors_reported,
    operator,
)
from cli.dead_letters.selection import Filter, Guard, Selection, park_objection
from cli.dead_letters.topics import Operation, Plan, Throttle, carry_out, find, make_plan
from cli.kafka_option import DEFAULT_KAFKA, KafkaOption, kafka_settings
from shared.clock import utc_now
from shared.events.doors import is_line
from shared.settings import KafkaSettings

_UNLIMITED: Final = 1_000_000.0
Objection = Callable[[StoredDeadLetter, Action | None], str | None]


def redrive(  # noqa: PLR0913  # one parameter for each option
    letters: LetterArguments = None,
    *,
    group: GroupOption = None,
    reason: ReasonOption = None,
    topic: TopicOption = None,
    key: KeyOption = None,
    since: SinceOption = None,
    attempts: AttemptsOption = None,
    every: AllOption = False,
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
    selection = _selection(letters, group, Filter(reason, topic, key, since, attempts), every=every)
    guard = Guard(max_attempts, force, again)
    run = _OperationRun("redriven", selection, guard.objection, execute)
    action = _action("redriven", operator(by), because)
    run(kafka, Operation(action, Throttle(rate), redrives=True))


def park(  # noqa: PLR0913  # one parameter for each option
    letters: LetterArguments = None,
    *,
    because: Annotated[str, typer.Option(help="Why these letters need no further action.")],
    group: GroupOption = None,
    reason: ReasonOption = None,
    topic: TopicOption = None,
    key: KeyOption = None,
    since: SinceOption = None,
    attempts: AttemptsOption = None,
    every: AllOption = False,
    execute: ExecuteOption = False,
    by: ByOption = None,
    kafka: KafkaOption = DEFAULT_KAFKA,
) -> None:
    """Mark dead letters as needing no further action: filters of `redrive` leave them out.

    Shows the plan; with --execute, carries it out. `redrive --again ID` undoes it.
    """
    if not because.strip():
        msg = "say why these letters need no further action"
        raise typer.BadParameter(msg, param_hint="--because")
    selection = _selection(letters, group, Filter(reason, topic, key, since, attempts), every=every)
    run = _OperationRun("parked", selection, park_objection, execute)
    action = _action("parked", operator(by), because)
    run(kafka, Operation(action, Throttle(_UNLIMITED), redrives=False))


def _selection(
    letters: Sequence[LetterId] | None, group: str | None, criteria: Filter, *, every: bool
) -> Selection:
    is_filtered = group is not None or criteria != Filter()
    if letters and (is_filtered or every):
        msg = "give letter IDs or a filter, not both"
        raise typer.BadParameter(msg)
    if not letters and not is_filtered and not every:
        msg = "give letter IDs, a filter such as --group, or --all"
        raise typer.BadParameter(msg)
    return Selection(letters or (), group, criteria)


def _action(
    action: Literal["redriven", "parked"], by: str, because: str
) -> Callable[[StoredDeadLetter], Action]:
    if because and not is_line(because):
        msg = "must be on one line with something visible on it"
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
