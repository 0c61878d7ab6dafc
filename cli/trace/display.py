"""Shows the path of an application as a table, or as JSON."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cli.trace.path import Path
from shared.references import reference_of

_UNITS: Final = (("d", 86_400), ("h", 3_600), ("min", 60))


def show(console: Console, application_id: str, path: Path) -> None:
    """Print the path, then what has not happened yet."""
    title = f"Application {reference_of(application_id)} ({application_id})"
    table = Table("At", "After", "Waited", "What", "Details", "Where", title=title)
    for each in path.steps:
        step = each.step
        repeats = f" ({each.publications} times)" if each.publications > 1 else ""
        table.add_row(
            _moment(step.at),
            duration(each.after),
            "" if each.waited is None else duration(each.waited),
            escape(step.what + repeats),
            escape(step.details),
            step.where,
        )
    console.print(table)
    for correlation_id in correlation_ids(path):
        console.print(f"Correlation id in the logs: {correlation_id}", highlight=False)
    for line in still_to_come(path):
        console.print(line, style="yellow", markup=False, highlight=False, soft_wrap=True)


def correlation_ids(path: Path) -> list[str]:
    """Return the ids of the log lines: one for each request that is on the path."""
    return list(dict.fromkeys(filter(None, (each.step.correlation_id for each in path.steps))))


def still_to_come(path: Path) -> Iterator[str]:
    """Say what has not happened yet, and what to do about it."""
    for each in path.unread:
        yield (
            f"{each.group} has not handled {each.step.what} ({each.step.where}) yet: "
            f"at most {each.before:,} records are before it."
        )
    for step in path.unmailed:
        yield (
            f"No mail about {step.what} ({step.where}) yet, though notify has read it: see "
            "`cppp status` and /readyz of notify."
        )


def document(application_id: str, path: Path) -> Mapping[str, Any]:
    """Return the path as JSON: times in RFC 3339, waits in seconds."""
    return {
        "application_id": application_id,
        "reference": reference_of(application_id),
        "correlation_ids": correlation_ids(path),
        "steps": [
            {
                "at": _moment(each.step.at),
                "after_seconds": each.after.total_seconds(),
                "waited_seconds": None if each.waited is None else each.waited.total_seconds(),
                "what": each.step.what,
                "details": each.step.details,
                "where": each.step.where,
                "publications": each.publications,
                "correlation_id": each.step.correlation_id,
            }
            for each in path.steps
        ],
        "unread": [
            {"group": each.group, "where": each.step.where, "records_before": each.before}
            for each in path.unread
        ],
        "unmailed": [each.where for each in path.unmailed],
    }


def duration(time: timedelta) -> str:
    """Write a duration with two units at most, such as `1.204 s` or `2 h 5 min`."""
    seconds = time.total_seconds()
    for place, (unit, length) in enumerate(_UNITS):
        if seconds >= length:
            smaller, size = (*_UNITS, ("s", 1))[place + 1]
            return f"{seconds // length:.0f} {unit} {seconds % length // size:.0f} {smaller}"
    return f"{seconds:.3f} s"


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
