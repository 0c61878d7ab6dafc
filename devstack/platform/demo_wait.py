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
    """Seconds from the first submission until all applications were accepted, decided, mailed."""

    accepted_seconds: float = 0
    decided_seconds: float = 0
    sent_seconds: float = 0
    started_at: float = field(default_factory=time.monotonic)

    def seconds(self) -> float:
        """Return the time since the first submission."""
        return time.monotonic() - self.started_at


def wait_for_all(addresses: Addresses, wanted: Counts, timings: Timings, console: Console) -> None:
    """Wait until the counts reach `wanted`, and set in `timings` when they did.

    Raises `StackError` if nothing changes for a minute.
    """
    with MongoClient[dict[str, Any]](addresses.mongodb_url) as client, _shown(console) as show:
        seen, moved_at = _counts(client), time.monotonic()
        while not _all_done(seen, wanted, timings):
            show(seen, wanted)
            time.sleep(_LOOK_SECONDS)
            before, seen = seen, _counts(client)
            moved_at = moved_at if seen == before else time.monotonic()
            if time.monotonic() - moved_at > _PATIENCE_SECONDS:
                raise StackError(_stalled(seen, wanted))
        show(seen, wanted)


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
def _shown(console: Console) -> Iterator[Callable[[Counts, Counts], None]]:
    if not console.is_terminal:
        yield _plain_lines(console)
        return
    with Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()) as bars:
        decided, sent = bars.add_task("decided"), bars.add_task("mails sent")

        def show(seen: Counts, wanted: Counts) -> None:
            bars.update(decided, completed=seen.decided, total=wanted.decided)
            bars.update(sent, completed=seen.sent, total=wanted.sent)

        yield show


def _plain_lines(console: Console) -> Callable[[Counts, Counts], None]:
    shown_at = time.monotonic()

    def show(seen: Counts, wanted: Counts) -> None:
        nonlocal shown_at
        if time.monotonic() - shown_at >= _PLAIN_SECONDS or seen == wanted:
            shown_at = time.monotonic()
            decided = f"decided {seen.decided} of {wanted.decided}"
            console.print(f"  {decided}, mails sent {seen.sent} of {wanted.sent}")

    return show
