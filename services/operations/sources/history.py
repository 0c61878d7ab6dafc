"""What happened in the last quarter of an hour, in bounded memory. Pure."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Final, NamedTuple

from services.operations.sources.targets import Target

KEPT_SECONDS: Final = 900.0


@dataclass(frozen=True, slots=True)
class Sample:
    """One look: how long it is after the one before, by how much each total rose meanwhile.

    What is not known is missing: a total that nobody reported, the `lag` of a group in seconds.
    """

    at: float
    seconds: float
    rises: dict[str, float]
    lag: Mapping[str, float]


class _Told(NamedTuple):
    """What a process reported last, and when."""

    at: float
    totals: Mapping[str, float]


class History:
    """Samples of the last `KEPT_SECONDS`, at most `most` of them; times are a steady clock's."""

    def __init__(self, look_seconds: float) -> None:
        self._samples: deque[Sample] = deque(maxlen=int(KEPT_SECONDS / look_seconds) + 1)
        self._told: dict[Target, _Told] = {}
        self._last_at: float | None = None

    def add(
        self, at: float, totals: Mapping[Target, Mapping[str, float]], lag: Mapping[str, float]
    ) -> None:
        """Add what every process reported now; those that did not answer are missing.

        What rose while a process did not answer is spread over the looks that missed it.
        """
        if self._last_at is not None:
            self._samples.append(Sample(at, at - self._last_at, {}, dict(lag)))
            for target, counted in totals.items():
                self._spread(self._told.get(target, _Told(self._last_at, counted)), counted, at)
        self._last_at = at
        self._told |= {target: _Told(at, counted) for target, counted in totals.items()}

    def _spread(self, before: _Told, counted: Mapping[str, float], at: float) -> None:
        missed = [*takewhile(lambda each: each.at > before.at, reversed(self._samples))]
        for name, total in counted.items():
            per_second = _rise(before.totals.get(name, 0.0), total) / (at - before.at)
            for each in missed:
                each.rises[name] = each.rises.get(name, 0.0) + per_second * each.seconds

    def forget(self, known: Sequence[Target]) -> None:
        """Forget processes that are not targets any longer."""
        self._told = {each: self._told[each] for each in known if each in self._told}

    def samples(self, now: float, seconds: float = KEPT_SECONDS) -> list[Sample]:
        """Return the samples of the last `seconds`, the oldest first."""
        return [each for each in self._samples if each.at > now - seconds]

    def per_second(self, name: str, now: float, seconds: float) -> float | None:
        """Return how fast a total rose; None if nobody reported it meanwhile."""
        return rate(name, self.samples(now, seconds))

    def rise(self, name: str, now: float, seconds: float) -> float:
        """Return by how much a total rose; in whole, as what rose unseen may lie partly before."""
        return round(sum(each.rises.get(name, 0.0) for each in self.samples(now, seconds)))


def rate(name: str, samples: Sequence[Sample]) -> float | None:
    """Return how fast a total rose in these samples, per second."""
    of_name = [each for each in samples if name in each.rises]
    elapsed = sum(each.seconds for each in of_name)
    return sum(each.rises[name] for each in of_name) / elapsed if elapsed else None


def _rise(before: float, now: float) -> float:
    return now - before if now >= before else now  # a process that started again counts from 0
