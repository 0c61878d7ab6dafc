"""The dead letters of one consumer group, counted by reason and state. Pure.

A letter takes nine bytes, so that a million of them fit into memory without being read again.
"""

from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from shared.dead_letters.journal import State

REASONS: Final = ("malformed", "invalid", "unprocessable")
OTHER: Final = "other"
"""Stands for every reason that no service of ours gives: labels are a closed list."""

_REASONS: Final = (*REASONS, OTHER)
_STATES: Final[tuple[State, ...]] = ("open", "redriven", "parked")
_NO_LETTER: Final = 255  # a transaction marker, for example
_MOST_GAP: Final = 1_000_000
_MOST_EARLY: Final = 10_000


@dataclass(frozen=True, slots=True)
class Count:
    """Letters of one reason by state, and when the oldest open one was dead-lettered."""

    open: int = 0
    redriven: int = 0
    parked: int = 0
    oldest_ms: int | None = None


@dataclass(slots=True)
class _Partition:
    """One partition: kind (reason and state) and time of each letter from the offset `first` on."""

    first: int
    kinds: bytearray = field(default_factory=bytearray)
    times: "array[int]" = field(default_factory=lambda: array("q"))

    @property
    def end(self) -> int:
        return self.first + len(self.kinds)

    def pad(self, offset: int) -> None:
        """Mark everything before `offset` as no letter."""
        gap = offset - self.end
        if gap > 0:
            self.kinds.extend(bytes([_NO_LETTER]) * gap)
            self.times.extend([0] * gap)


class Letters:
    """Follows letters and actions, in whatever order they arrive; a later action replaces one."""

    def __init__(self) -> None:
        self._partitions: dict[int, _Partition] = {}
        self._early: dict[tuple[int, int], State] = {}
        self._counts: Counter[tuple[str, State]] = Counter()
        self._oldest: dict[str, int] = {}
        self._is_stale: set[str] = set()

    def add(self, partition: int, offset: int, reason: str, time_ms: int) -> None:
        """Add a letter; one that is known already changes nothing."""
        known = self._partitions.setdefault(partition, _Partition(offset))
        if offset < known.end:
            return
        if offset - known.end > _MOST_GAP:
            self.forget_before(partition, offset)
            known = self._partitions[partition] = _Partition(offset)
        reason = reason if reason in REASONS else OTHER
        known.pad(offset)
        known.kinds.append(_kind(reason, "open"))
        known.times.append(time_ms)
        self._counts[reason, "open"] += 1
        self._oldest[reason] = min(self._oldest.get(reason, time_ms), time_ms)
        if early := self._early.pop((partition, offset), None):
            self.act(partition, offset, early)

    def act(self, partition: int, offset: int, state: State) -> None:
        """Note what was done about a letter, also before the letter itself is read."""
        known = self._partitions.get(partition)
        if known is None or offset >= known.end:
            if len(self._early) < _MOST_EARLY:
                self._early[partition, offset] = state
        elif offset >= known.first and known.kinds[offset - known.first] != _NO_LETTER:
            self._change(known, offset - known.first, state)

    def forget_before(self, partition: int, offset: int) -> None:
        """Forget letters that Kafka no longer holds."""
        known = self._partitions.get(partition)
        if known is None or offset <= known.first:
            return
        gone = min(offset, known.end) - known.first
        for kind in known.kinds[:gone]:
            if kind != _NO_LETTER:
                reason, state = _meaning(kind)
                self._counts[reason, state] -= 1
                self._is_stale.add(reason)
        del known.kinds[:gone], known.times[:gone]
        known.first += gone

    def counts(self) -> Mapping[str, Count]:
        """Return the letters of each reason; the reasons of our services are always there."""
        for reason in self._is_stale:
            self._oldest.pop(reason, None)
            oldest = min(self._open_times(_kind(reason, "open")), default=None)
            if oldest is not None:
                self._oldest[reason] = oldest
        self._is_stale.clear()
        seen = {reason for reason, _ in self._counts}
        return {each: self._count(each) for each in _REASONS if each in REASONS or each in seen}

    def _count(self, reason: str) -> Count:
        opened, redriven, parked = (self._counts[reason, state] for state in _STATES)
        return Count(opened, redriven, parked, self._oldest.get(reason))

    def _change(self, known: _Partition, index: int, state: State) -> None:
        reason, before = _meaning(known.kinds[index])
        self._counts[reason, before] -= 1
        self._counts[reason, state] += 1
        known.kinds[index] = _kind(reason, state)
        if known.times[index] <= self._oldest.get(reason, known.times[index]):
            self._is_stale.add(reason)

    def _open_times(self, kind: int) -> Iterator[int]:
        for each in self._partitions.values():
            index = each.kinds.find(kind)
            while index >= 0:
                yield each.times[index]
                index = each.kinds.find(kind, index + 1)


def _kind(reason: str, state: State) -> int:
    return _REASONS.index(reason) * len(_STATES) + _STATES.index(state)


def _meaning(kind: int) -> tuple[str, State]:
    reason, state = divmod(kind, len(_STATES))
    return _REASONS[reason], _STATES[state]
