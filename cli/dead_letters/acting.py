"""`cppp dead-letters redrive` and `park`: first shown, done only when told to, noted one by one."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Annotated, Final, Literal

import typer
from rich.console import Console

from cli.dead_letters.display import show_plan
from cli.dead_letters.journal import Action
from cli.dead_letters.letter import Letter, LetterId
from cli.dead_letters.options import (
    KAFKA,
    AllOption,
    AttemptsOption,
    ByOption,
    ExecuteOption,
    GroupOption,
    KafkaOption,
    KeyOption,
    LetterArguments,
    ReasonOption,
    SinceOption,
    TopicOption,
    kafka_settings,
    plain_troubles,
    who,
)
from cli.dead_letters.selection import Filter, Guard, Wanted, parked_objection
from cli.dead_letters.topics import Deed, Pace, Plan, carry_out, find, plan
from shared.clock import utc_now
from shared.settings import KafkaSettings

_AT_ONCE: Final = 1_000_000.0
Objection = Callable[[Letter, Action | None], str | None]


def redrive(  # noqa: PLR0913  # what can be given on the command line
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
    rate: Annotated[float, typer.Option(min=0.1, help="The most in a second.")] = 50,
    max_attempts: Annotated[
        int, typer.Option(min=1, help="Refuse what has failed so often already.")
    ] = 3,
    force: Annotated[
        bool, typer.Option("--force", help="Redrive also what has failed that often.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Redrive also named letters that are not open.")
    ] = False,
    because: Annotated[str, typer.Option(help="Why, for the record.")] = "",
    by: ByOption = None,
    kafka: KafkaOption = KAFKA,
) -> None:
    """Bring dead letters back to the consumer group that gave them up, and to no other.

    Shows what it would do; with --execute it does it. A run that was interrupted is started again
    with the same words: what is noted as redriven is left out.
    """
    wanted = _wanted(letters, group, Filter(reason, topic, key, since, attempts), every=every)
    guard = Guard(max_attempts, force, again)
    acting = _Acting("redriven", wanted, guard.objection, execute)
    acting.run(kafka, Deed(_action("redriven", who(by), because), Pace(rate), redrives=True))


def park(  # noqa: PLR0913  # what can be given on the command line
    letters: LetterArguments = None,
    *,
    because: Annotated[str, typer.Option(help="Why nothing more is to be done about them.")],
    group: GroupOption = None,
    reason: ReasonOption = None,
    topic: TopicOption = None,
    key: KeyOption = None,
    since: SinceOption = None,
    attempts: AttemptsOption = None,
    every: AllOption = False,
    execute: ExecuteOption = False,
    by: ByOption = None,
    kafka: KafkaOption = KAFKA,
) -> None:
    """Set dead letters aside for good: they stay where they are, and no filter redrives them.

    Shows what it would do; with --execute it does it. `redrive --again` takes one back.
    """
    if not because.strip():
        msg = "say why nothing more is to be done about them"
        raise typer.BadParameter(msg, param_hint="--because")
    wanted = _wanted(letters, group, Filter(reason, topic, key, since, attempts), every=every)
    acting = _Acting("parked", wanted, parked_objection, execute)
    acting.run(kafka, Deed(_action("parked", who(by), because), Pace(_AT_ONCE), redrives=False))


def _wanted(
    letters: Sequence[LetterId] | None, group: str | None, taken: Filter, *, every: bool
) -> Wanted:
    is_filtered = group is not None or taken != Filter()
    if letters and (is_filtered or every):
        msg = "give letters, or a filter, not both"
        raise typer.BadParameter(msg)
    if not letters and not is_filtered and not every:
        msg = "give letters, a filter such as --group, or --all"
        raise typer.BadParameter(msg)
    return Wanted(letters or (), group, taken)


def _action(
    action: Literal["redriven", "parked"], by: str, because: str
) -> Callable[[Letter], Action]:
    def of(letter: Letter) -> Action:
        return Action(action=action, by=by, at=utc_now(), because=because, attempts=letter.attempts)

    return of


@dataclass(frozen=True, slots=True)
class _Acting:
    """One run: what is meant, what may not be done, and whether it is done or only shown."""

    verb: str
    wanted: Wanted
    objection: Objection
    execute: bool

    def run(self, kafka: str, deed: Deed) -> None:
        """Show the plan, carry it out if that is wanted, and end with a code that says how."""
        console, settings = Console(stderr=True), kafka_settings(kafka)
        with plain_troubles(kafka, console):
            made = plan(asyncio.run(find(settings, self.wanted)), self.objection)
            show_plan(console, made, self.verb)
            if self.execute:
                self._carry_out(settings, made, deed, console)
            elif made.todo:
                console.print("Nothing was done: this was a dry run. Add --execute to do it.")
        raise typer.Exit(1 if made.refused else 0)

    def _carry_out(self, settings: KafkaSettings, made: Plan, deed: Deed, console: Console) -> None:
        done = count()
        try:
            asyncio.run(carry_out(settings, made.todo, deed, lambda: next(done)))
        finally:
            console.print(f"{next(done)} of {len(made.todo)} {self.verb}.", highlight=False)
