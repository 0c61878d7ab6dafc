"""What is known about consumer groups at a moment."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

from aiokafka import TopicPartition


class Range(NamedTuple):
    """The offsets of a partition: its first one, and the end up to which readers may read.

    Records behind an open transaction are not before the end: nobody may read them yet.
    """

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PartitionLag:
    """How far behind one group is on one partition.

    `committed` is `None` if it has committed nothing there: then it is behind by all records.
    `records` counts offsets from the first record that it has not committed; it is 0 if only
    markers of transactions or aborted records follow. `written` is when that record was written, in
    seconds since 1970; `None` if there is none, or if it could not be read in time.
    """

    group: str
    topic: str
    partition: int
    committed: int | None
    records: int
    written: float | None

    def seconds(self, now: float) -> float | None:
        """Return the age of the first record that is not committed, 0 if there is none."""
        if not self.records:
            return 0.0
        return None if self.written is None else max(0.0, now - self.written)


@dataclass(frozen=True, slots=True)
class Group:
    """A consumer group. `members` is `None` if Kafka does not tell.

    It does not for the groups of KIP-848, which it describes by another request. A group is
    `registered` if it is that of a service, which must have members; others may come and go.
    """

    name: str
    members: int | None
    topics: frozenset[str] = frozenset()
    registered: bool = False


@dataclass(frozen=True, slots=True)
class Lags:
    """All groups at one moment: `at`, in seconds since 1970."""

    at: float
    groups: Sequence[Group] = ()
    partitions: Sequence[PartitionLag] = ()
    ranges: Mapping[TopicPartition, Range] = field(default_factory=dict)

    def clock(self, now: float, current_seconds: float) -> float:
        """Return until when ages count: the reading, or now if it is no longer current.

        Most records that a reading found are committed a moment later. Once the next reading is
        overdue, as while Kafka is away, ages grow.
        """
        return self.at if now - self.at < current_seconds else now

    def by_group(self) -> Mapping[str, Sequence[PartitionLag]]:
        """Return the partitions of each group, in order; none for a group that reads nothing."""
        read = {group: [*rows] for group, rows in groupby(self.partitions, lambda row: row.group)}
        return {each.name: read.get(each.name, []) for each in self.groups}


def by_topic(rows: Iterable[PartitionLag]) -> Mapping[str, Sequence[PartitionLag]]:
    """Return one group's partitions of each topic."""
    return {topic: [*each] for topic, each in groupby(rows, lambda row: row.topic)}


def most_seconds(rows: Iterable[PartitionLag], now: float) -> float | None:
    """Return the longest lag in seconds, 0 if everything is committed.

    It is `None` if it may be anything: no row, or ages that are unknown beside none above 0. Beside
    one above 0 it is at least that one.
    """
    ages = [row.seconds(now) for row in rows]
    longest = max((each for each in ages if each is not None), default=None)
    return longest if longest or None not in ages else None
