"""Which dead letters are meant, and which of them may be acted upon. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cli.dead_letters.journal import Action, State
from cli.dead_letters.letter import Letter, LetterId
from shared.clock import HONG_KONG

_AGE: Final = re.compile(r"(\d{1,6})([smhdw])")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True, slots=True)
class Filter:
    """What letters have in common; what is not given does not matter. All have to hold."""

    reason: str | None = None
    topic: str | None = None
    key: str | None = None
    since: datetime | None = None
    attempts: int | None = None

    def takes(self, letter: Letter) -> bool:
        """Tell whether a letter is one of these."""
        return (
            self.reason in {None, letter.reason}
            and self.topic in {None, letter.topic}
            and (self.key is None or letter.record.key == self.key.encode())
            and (self.since is None or letter.time >= self.since)
            and self.attempts in {None, letter.attempts}
        )


@dataclass(frozen=True, slots=True)
class Guard:
    """What keeps letters from being acted upon.

    A letter whose record has failed `max_attempts` times is refused unless `force`, one that was
    acted upon before unless `again`.
    """

    max_attempts: int = 3
    force: bool = False
    again: bool = False

    def objection(self, letter: Letter, last: Action | None) -> str | None:
        """Tell why a letter is not to be redriven; most may be."""
        if last and not self.again:
            return f"already {last}"
        if letter.damage:
            return f"cannot be redriven: {letter.damage}. Park it."
        if (letter.attempts or 0) >= self.max_attempts and not self.force:
            return (
                f"has failed {letter.attempts} times; the limit is {self.max_attempts}. "
                "Mend the cause first, then use --force."
            )
        return None


def parked_objection(_letter: Letter, last: Action | None) -> str | None:
    """Tell why a letter is not to be parked."""
    return f"already {last}" if last else None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asks for: named letters, or those of a group (or of all) that a filter takes.

    Of those that a filter takes, only open ones are wanted.
    """

    ids: Sequence[LetterId] = ()
    group: str | None = None
    filter: Filter = Filter()

    def takes(self, letter: Letter, state: State) -> bool:
        """Tell whether a letter is asked for."""
        if self.ids:
            return letter.id in self.ids
        return state == "open" and self.filter.takes(letter)


def moment(text: str, now: datetime) -> datetime:
    """Read a moment, or an age such as 30m, 12h or 7d; without zone it is Hong Kong time.

    Raises `ValueError` with what is wrong.
    """
    if age := _AGE.fullmatch(text):
        return now - timedelta(**{_UNITS[age[2]]: int(age[1])})
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        msg = f"{text!r} is no moment: give 2026-11-20, 2026-11-20T15:00+08:00, or an age like 12h"
        raise ValueError(msg) from None
    return read if read.tzinfo else read.replace(tzinfo=HONG_KONG)
