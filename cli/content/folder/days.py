"""The times of events: as editors write them, and as readers see them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from cli.content.folder.forms import EventForm
from cli.content.folder.mistakes import Breach

_LENGTH_OF_DAY: Final = len("2025-03-25")


class When(NamedTuple):
    """A day, and the moment if it is known."""

    day: date
    moment: datetime | None


def breaches_of_times(facts: EventForm) -> Iterator[Breach]:
    """Name what is wrong with the times of an event."""
    if facts.time_zone not in available_timezones():
        yield ("time_zone",), "Must be the name of a time zone, such as Asia/Hong_Kong."
        return
    wrong = False
    for name in ("starts", "ends"):
        text = getattr(facts, name)
        if text and not _is_time(text):
            wrong = True
            yield (name,), "Must be a day, or a day and a time, such as 2025-03-25 14:30."
    if not wrong:
        yield from _breaches_of_order(facts)


def _breaches_of_order(facts: EventForm) -> Iterator[Breach]:
    starts, ends = times_of(facts)
    if (starts.moment is None) != (ends.moment is None) and facts.ends:
        yield ("ends",), "Must have a time if `starts` has one, and none otherwise."
    elif ends.day < starts.day or (starts.moment and ends.moment and ends.moment < starts.moment):
        yield ("ends",), "Must not be before `starts`."
    if facts.registration and facts.registration.closes and facts.registration.closes > ends.day:
        yield ("registration", "closes"), "Must not be after the event."


def times_of(facts: EventForm) -> tuple[When, When]:
    """Return when an event without mistakes starts and ends."""
    starts = _when(facts.starts, facts.time_zone)
    ends = _when(facts.ends, facts.time_zone) if facts.ends else When(starts.day, None)
    return starts, ends


def _when(text: str, zone: str) -> When:
    local = datetime.fromisoformat(text)  # a day alone is its midnight
    has_time = len(text) > _LENGTH_OF_DAY
    moment = local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) if has_time else None
    return When(local.date(), moment)


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
