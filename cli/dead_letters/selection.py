"""Which dead letters a command selects, and which of them it may act on. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.dead_letters.journal import Action, State
from shared.dead_letters.letter import LetterId, StoredDeadLetter
from shared.references import parse_reference, reference_of


@dataclass(frozen=True, slots=True)
class Filter:
    """Criteria that all have to match; None matches every letter."""

    reason: str | None = None
    topic: str | None = None
    key: str | None = None
    since: datetime | None = None
    attempts: int | None = None

    def matches(self, letter: StoredDeadLetter) -> bool:
        """Return whether a letter matches."""
        return (
            self.reason in {None, letter.reason}
            and self.topic in {None, letter.topic}
            and (self.key is None or _is_about(letter, self.key))
            and (self.since is None or letter.time >= self.since)
            and self.attempts in {None, letter.attempts}
        )


def _is_about(letter: StoredDeadLetter, key: str) -> bool:
    if letter.record.key == key.encode():
        return True
    reference = parse_reference(key)
    application_id = letter.application_id
    return bool(reference and application_id) and reference_of(application_id) == reference


@dataclass(frozen=True, slots=True)
class Guard:
    """Limits on what is redriven.

    A letter whose record has failed `max_attempts` times is refused unless `force`; a letter that
    is not open is refused unless `again`.
    """

    max_attempts: int = 3
    force: bool = False
    again: bool = False

    def objection(self, letter: StoredDeadLetter, last: Action | None) -> str | None:
        """Return why a letter must not be redriven, or None."""
        if last and not self.again:
            return f"already {last}"
        if letter.damage:
            return f"cannot be redriven: {letter.damage}. Park it."
        if (letter.attempts or 0) >= self.max_attempts and not self.force:
            return (
                f"has failed {letter.attempts} times; the limit is {self.max_attempts}. "
                "Fix the cause first, then use --force."
            )
        return None


def park_objection(_letter: StoredDeadLetter, last: Action | None) -> str | None:
    """Return why a letter must not be parked, or None."""
    return f"already {last}" if last else None


@dataclass(frozen=True, slots=True)
class Selection:
    """Letters named by id, or the open letters of one group (or of all) that match a filter."""

    ids: Sequence[LetterId] = ()
    group: str | None = None
    filter: Filter = Filter()

    def matches(self, letter: StoredDeadLetter, state: State) -> bool:
        """Return whether a letter is selected."""
        if self.ids:
            return letter.id in self.ids
        return state == "open" and self.filter.matches(letter)
