"""The lag of every consumer group, from what was last read of Kafka. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shared.lag.model import Group, Lags, PartitionLag, most_seconds


@dataclass(frozen=True, slots=True)
class GroupLag:
    """How far a group is behind: records in all, seconds on its slowest partition.

    `None` is not known: `records` of a group that has nothing to read, `seconds` if the record that
    tells them could not be read, `members` if Kafka does not tell. `is_registered` says whether the
    group is that of a service, so that somebody must consume.
    """

    records: int | None = None
    seconds: float | None = None
    members: int | None = None
    is_registered: bool = True


@dataclass(frozen=True, slots=True)
class LagSeen:
    """The lag of each group that is known, and when it was read (seconds since 1970; 0: never)."""

    groups: Mapping[str, GroupLag] = field(default_factory=dict)
    read_at: float = 0.0


def read_lag(lags: Lags, now: float) -> LagSeen:
    """Return the lag of each group, with ages as they are at a time."""
    rows = lags.by_group()
    groups = {each.name: _lag(each, rows[each.name], now) for each in lags.groups}
    return LagSeen(dict(sorted(groups.items())), lags.at)


def _lag(group: Group, rows: Sequence[PartitionLag], now: float) -> GroupLag:
    records = sum(each.records for each in rows) if rows else None
    return GroupLag(records, most_seconds(rows, now), group.members, group.registered)
