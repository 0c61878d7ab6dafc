"""What was not seen lately, or never: its figures must not look healthy. Pure."""

from collections.abc import Iterator
from typing import Final

from services.operations.overview.model import Finding, Overview

_LIMITS: Final = {"a minute": 60.0, "five minutes": 300.0}
_COUNTS_ORPHANS: Final = "reconciliation"


def find_stale(overview: Overview) -> Iterator[Finding]:
    """Yield what was not seen within its limit, or not since the process started that long ago."""
    if since := _unseen(overview, overview.looked_seconds_ago, "a minute"):
        yield Finding(
            severity="ticket",
            what=f"Services have not been asked {since}.",
            action="Read the log of operations, then restart it.",
            runbook="",
        )
    if since := _unseen(overview, overview.lag_read_seconds_ago, "a minute"):
        yield Finding(
            severity="ticket",
            what=f"Lag has not been read {since}.",
            action="Check whether Kafka answers.",
            runbook="docs/runbooks/operations.md#lagunknown",
        )
    if since := _unseen(overview, overview.dead_letters.counted_seconds_ago, "a minute"):
        yield Finding(
            severity="ticket",
            what=f"Dead letters have not been counted {since}.",
            action="Check whether Kafka answers.",
            runbook="docs/runbooks/dead-letters.md#deadlettersnotcounted",
        )
    yield from _orphans(overview)


def _orphans(overview: Overview) -> Iterator[Finding]:
    since = _unseen(overview, overview.orphans.counted_seconds_ago, "five minutes")
    if since and any(each.service == _COUNTS_ORPHANS for each in overview.processes):
        yield Finding(
            severity="ticket",
            what=f"Orphans have not been counted {since}.",
            action="Check whether reconciliation is ready.",
            runbook="docs/runbooks/orphans.md#orphansnotcounted",
        )


def _unseen(overview: Overview, age: float | None, limit: str) -> str:
    """Return for how long something was not seen; nothing if that is within its limit."""
    if age is None:
        return "since operations started" if overview.watched_seconds > _LIMITS[limit] else ""
    return f"for {limit}" if age > _LIMITS[limit] else ""
