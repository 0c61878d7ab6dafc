"""The lag of every consumer group, from this service's own metrics."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from prometheus_client import CollectorRegistry, Metric

_RECORDS: Final = "kafka_consumergroup_group_lag"
_SECONDS: Final = "kafka_consumergroup_group_lag_seconds"
_MEMBERS: Final = "kafka_consumergroup_members"
_REGISTERED: Final = "cppp_consumer_group_registered"
_OF_GROUPS: Final = frozenset({_RECORDS, _SECONDS, _MEMBERS, _REGISTERED})
_READ_AT: Final = "kafka_lag_exporter_last_update_timestamp_seconds"


@dataclass(slots=True)
class GroupLag:
    """How far a group is behind: records in all, seconds on its slowest partition.

    `is_registered` says whether it is that of a service, so that somebody must consume.
    """

    records: int = 0
    seconds: float | None = None
    members: int | None = None
    is_registered: bool = True


@dataclass(frozen=True, slots=True)
class LagSeen:
    """The lag of each group that is known, and when it was read (seconds since 1970; 0: never)."""

    groups: Mapping[str, GroupLag] = field(default_factory=dict)
    read_at: float = 0.0


def read_lag(registry: CollectorRegistry) -> LagSeen:
    """Return the lag of each group as it is now."""
    groups, read_at = defaultdict[str, GroupLag](GroupLag), 0.0
    for family in registry.collect():
        if family.name in _OF_GROUPS:
            _take_all(groups, family)
        elif family.name == _READ_AT:
            read_at = max((sample.value for sample in family.samples), default=0.0)
    return LagSeen(dict(sorted(groups.items())), read_at)


def _take_all(groups: Mapping[str, GroupLag], family: Metric) -> None:
    for sample in family.samples:
        _take(groups[sample.labels["group"]], sample.name, sample.value)


def _take(group: GroupLag, name: str, value: float) -> None:
    if name == _RECORDS:
        group.records += int(value)
    elif name == _SECONDS:
        group.seconds = max(group.seconds or 0.0, value)
    elif name == _MEMBERS:
        group.members = int(value)
    else:
        group.is_registered = bool(value)
