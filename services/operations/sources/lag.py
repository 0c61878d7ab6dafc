"""The lag of every consumer group, from this service's own metrics."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from prometheus_client import CollectorRegistry

_RECORDS: Final = "kafka_consumergroup_group_lag"
_SECONDS: Final = "kafka_consumergroup_group_lag_seconds"
_MEMBERS: Final = "kafka_consumergroup_members"


@dataclass(slots=True)
class GroupLag:
    """How far a group is behind: records in all, seconds on its slowest partition."""

    records: int = 0
    seconds: float | None = None
    members: int | None = None


def read_lag(registry: CollectorRegistry) -> Mapping[str, GroupLag]:
    """Return the lag of each group that is known."""
    groups = defaultdict[str, GroupLag](GroupLag)
    for family in registry.collect():
        if family.name in {_RECORDS, _SECONDS, _MEMBERS}:
            for sample in family.samples:
                _take(groups[sample.labels["group"]], sample.name, sample.value)
    return dict(sorted(groups.items()))


def _take(group: GroupLag, name: str, value: float) -> None:
    if name == _RECORDS:
        group.records += int(value)
    elif name == _SECONDS:
        group.seconds = max(group.seconds or 0.0, value)
    elif name == _MEMBERS:
        group.members = int(value)
