"""Shows lags as a table and as JSON."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from shared.lag.model import Group, Lags, PartitionLag, by_topic

_NOBODY = (
    "{group} has no members: nobody reads for it. Start {group}, or see "
    "docs/runbooks/operations.md#consumergroupempty."
)


def show(lags: Lags, *, by_partition: bool) -> None:
    """Print a table, and below it which services have no members."""
    table = Table("Group", "Topic", *(["Partition"] if by_partition else []))
    for each in ("Lag", "Seconds", "Members"):
        table.add_column(each, justify="right")
    rows = lags.by_group()
    for group in lags.groups:
        lines = _partitions if by_partition else _topics
        unknown = ("?",) * (len(table.columns) - 2)
        for line in [*lines(rows[group.name], lags.at)] or [unknown]:
            table.add_row(escape(group.name), *line, _members(group))
    console = Console()
    console.print(table)
    for group in lags.groups:
        if group.registered and group.members == 0:
            said = _NOBODY.format(group=group.name)
            console.print(said, soft_wrap=True, highlight=False, markup=False)


def to_json(lags: Lags) -> str:
    """Return a JSON document with every partition of every group."""
    rows = lags.by_group()
    groups = [
        {
            "group": each.name,
            "members": each.members,
            "partitions": [_document(row, lags.at) for row in rows[each.name]],
        }
        for each in lags.groups
    ]
    return json.dumps({"at": lags.at, "groups": groups}, indent=2)


def _topics(rows: Sequence[PartitionLag], at: float) -> Iterator[tuple[str, ...]]:
    for topic, of_topic in by_topic(rows).items():
        ages = [row.seconds(at) for row in of_topic]
        yield topic, str(sum(row.records for row in of_topic)), _longest(ages)


def _partitions(rows: Sequence[PartitionLag], at: float) -> Iterator[tuple[str, ...]]:
    for row in rows:
        yield row.topic, str(row.partition), str(row.records), _longest([row.seconds(at)])


def _longest(ages: Iterable[float | None]) -> str:
    """Return the longest age; it is unknown if one of them is."""
    known = [*ages]
    return "?" if None in known else f"{max(filter(None, known), default=0):.0f}"


def _members(group: Group) -> str:
    return "?" if group.members is None else str(group.members)


def _document(row: PartitionLag, at: float) -> Mapping[str, Any]:
    return {
        "topic": row.topic,
        "partition": row.partition,
        "committed": row.committed,
        "lag": row.records,
        "lag_seconds": row.seconds(at),
    }
