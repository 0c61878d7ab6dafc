"""Shows dead letters. Never shows a payload in a list: it may hold personal data."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cli.dead_letters.topics import JournaledLetter, Plan
from shared.dead_letters.journal import State
from shared.dead_letters.letter import StoredDeadLetter, readable

_LISTED: Final = 20


@dataclass(slots=True)
class Group:
    """Letters with the same group, reason, error and original topic."""

    states: Counter[State] = field(default_factory=Counter)
    attempts: set[int] = field(default_factory=set)
    times: list[datetime] = field(default_factory=list)
    example: str = ""

    def add(self, letter: StoredDeadLetter, state: State) -> None:
        """Count one more."""
        self.states[state] += 1
        self.attempts |= {letter.attempts} if letter.attempts is not None else set()
        self.times = [min([*self.times, letter.time]), max([*self.times, letter.time])]
        self.example = str(letter.id)

    def document(self) -> dict[str, Any]:
        """Return the counts as a JSON document."""
        return {
            **{state: self.states[state] for state in ("open", "redriven", "parked")},
            "attempts": sorted(self.attempts),
            "oldest": moment_text(self.times[0]),
            "newest": moment_text(self.times[1]),
            "example": self.example,
        }


GroupKey = tuple[str, str, str, str]


class Groups:
    """Counts letters by group, reason, error and topic."""

    def __init__(self) -> None:
        self._groups: defaultdict[GroupKey, Group] = defaultdict(Group)

    def add(self, letter: StoredDeadLetter, state: State) -> None:
        """Count one more."""
        key = (letter.id.group, letter.reason, letter.error, letter.topic)
        self._groups[key].add(letter, state)

    def documents(self) -> list[dict[str, Any]]:
        """Return all counts as JSON documents, sorted."""
        names = ("group", "reason", "error", "topic")
        return [
            {**dict(zip(names, key, strict=True)), **self._groups[key].document()}
            for key in sorted(self._groups)
        ]


def moment_text(moment: datetime) -> str:
    """Format a time for people and programs alike."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def letter_document(letter: StoredDeadLetter, state: State) -> dict[str, Any]:
    """Return a letter as a JSON document, without its payload."""
    return {
        "id": str(letter.id),
        "state": state,
        "reason": letter.reason,
        "error": letter.error,
        "topic": letter.topic,
        "attempts": letter.attempts,
        "time": moment_text(letter.time),
        "application_id": letter.application_id or None,
        "value_bytes": letter.size_bytes,
        "damage": letter.damage or None,
    }


def journaled_document(found: JournaledLetter) -> dict[str, Any]:
    """Return a letter as a JSON document with headers and history, without its payload."""
    letter = found.letter
    return {
        **letter_document(letter, found.journal.state(letter.id)),
        "key": readable(letter.record.key),
        "headers": [list(each) for each in header_texts(letter)],
        "history": [
            {**each.model_dump(exclude={"topic_id"}), "at": moment_text(each.at)}
            for each in found.history
        ],
    }


def show_table(console: Console, documents: Sequence[Mapping[str, Any]]) -> None:
    """Show documents of one kind as a table."""
    if not documents:
        console.print("No dead letters.")
        return
    table = Table(*(name.replace("_", " ") for name in documents[0]))
    for each in documents:
        table.add_row(*(_cell(value) for value in each.values()))
    console.print(table)


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else escape(str(value))


def show_letter(console: Console, found: JournaledLetter) -> None:
    """Show one letter with its headers and history, without its payload."""
    letter = found.letter
    table = Table("field", "value", title=f"Letter {letter.id}", title_justify="left")
    for name, value in header_texts(letter):
        table.add_row(escape(name), escape(value))
    table.add_row("key", escape(readable(letter.record.key)))
    table.add_row("value", f"{letter.size_bytes} bytes; --value shows it")
    table.add_row("damage", letter.damage or "none")
    for action in map(str, found.history) if found.history else ["nothing yet: the letter is open"]:
        table.add_row("history", escape(action))
    console.print(table)


def header_texts(letter: StoredDeadLetter) -> list[tuple[str, str]]:
    """Return all headers in order; bytes that are not text become escapes."""
    return [(name, readable(value)) for name, value in letter.record.headers]


def show_plan(console: Console, plan: Plan, verb: str) -> None:
    """Show which letters an operation would act on, and which it refuses and why."""
    counts = Counter((each.id.group, each.reason, each.topic) for each in plan.todo)
    for (group, reason, topic), count in sorted(counts.items()):
        console.print(f"{count} to be {verb}: {group}, {reason}, from {topic}", **_PLAIN)
    _list(console, [f"  {each.id}" for each in plan.todo])
    _list(console, [f"refused {letter.id}: {why}" for letter, why in plan.refused])
    if not plan.todo and not plan.refused:
        console.print("No open letters match.")


def _list(console: Console, lines: Iterable[str]) -> None:
    lines = list(lines)
    for line in lines[:_LISTED]:
        console.print(line, **_PLAIN)
    if len(lines) > _LISTED:
        console.print(f"  and {len(lines) - _LISTED} more")


_PLAIN: Final[dict[str, Any]] = {"markup": False, "highlight": False, "soft_wrap": True}
