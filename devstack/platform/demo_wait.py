"""Waits until all applications are decided and mailed, with a progress bar for each."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pymongo import MongoClient
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from devstack.errors import StackError
from devstack.platform.evidence import DECIDING_SERVICES
from devstack.servers.addresses import Addresses

_LOOK_SECONDS = 0.25
_PATIENCE_SECONDS = 60
_PLAIN_SECONDS = 5


@dataclass(frozen=True)
class Counts:
    """How many applications are decided, and how many mails are sent."""

    decided: int
    sent: int


@dataclass
class Timings:
    """Seconds from the first submission until all applications were accepted, decided, mailed.

    0 until then.
    """

    accepted_seconds: float = 0
    decided_seconds: float = 0
    sent_seconds: float = 0
    started_at: float = field(default_factory=time.monotonic)

    def seconds(self) -> float:
        """Return the time since the first submission."""
        return time.monotonic() - self.started_at

    def rates(self, seen: Counts) -> tuple[str, str]:
        """Return how many applications were decided and how many mails sent, a second."""
        now = self.seconds()
        return (
            rate(seen.decided, self.decided_seconds or now),
            rate(seen.sent, self.sent_seconds or now),
        )


def rate(count: int, seconds: float) -> str:
    """Return a count a second as text."""
    return f"{count / seconds:,.0f}/s" if seconds else ""


_Show = Callable[[Counts, Counts, tuple[str, str]], None]


def wait_for_all(addresses: Addresses, wanted: Counts, timings: Timings, console: Console) -> None:
    """Wait until the counts reach `wanted`, and set in `timings` when they did.

    Raises `StackError` if nothing changes for a minute.
    """
    with MongoClient[dict[str, Any]](addresses.mongodb_url) as client, _shown(console) as show:
        seen, moved_at = _counts(client), time.monotonic()
        while not _all_done(seen, wanted, timings):
            show(seen, wanted, timings.rates(seen))
            time.sleep(_LOOK_SECONDS)
            before, seen = seen, _counts(client)
            moved_at = moved_at if seen == before else time.monotonic()
            if time.monotonic() - moved_at > _PATIENCE_SECONDS:
                raise StackError(_stalled(seen, wanted))
        show(seen, wanted, timings.rates(seen))


def _counts(client: MongoClient[dict[str, Any]]) -> Counts:
    decided = sum(client[name].decisions.count_documents({}) for name in DECIDING_SERVICES)
    return Counts(decided, client.notify.notifications.count_documents({"state": "sent"}))


def _all_done(seen: Counts, wanted: Counts, timings: Timings) -> bool:
    if seen.decided >= wanted.decided and not timings.decided_seconds:
        timings.decided_seconds = timings.seconds()
    if seen.sent >= wanted.sent and not timings.sent_seconds:
        timings.sent_seconds = timings.seconds()
    return bool(timings.decided_seconds and timings.sent_seconds)


def _stalled(seen: Counts, wanted: Counts) -> str:
    return (
        f"No progress for {_PATIENCE_SECONDS} s: {seen.decided} of {wanted.decided} "
        f"applications are decided, {seen.sent} of {wanted.sent} mails are sent."
    )


@contextmanager
def _shown(console: Console) -> Iterator[_Show]:
    if not console.is_terminal:
        yield _plain_lines(console)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TextColumn("{task.fields[rate]}")) as bars:
        decided = bars.add_task("decided", rate="")
        sent = bars.add_task("mails sent", rate="")

        def show(seen: Counts, wanted: Counts, rates: tuple[str, str]) -> None:
            bars.update(decided, completed=seen.decided, total=wanted.decided, rate=rates[0])
            bars.update(sent, completed=seen.sent, total=wanted.sent, rate=rates[1])

        yield show


def _plain_lines(console: Console) -> _Show:
    shown_at = time.monotonic()

    def show(seen: Counts, wanted: Counts, rates: tuple[str, str]) -> None:
        nonlocal shown_at
        if time.monotonic() - shown_at >= _PLAIN_SECONDS or seen == wanted:
            shown_at = time.monotonic()
            decided = f"decided {seen.decided} of {wanted.decided} ({rates[0]})"
            console.print(f"  {decided}, mails sent {seen.sent} of {wanted.sent} ({rates[1]})")

    return show
