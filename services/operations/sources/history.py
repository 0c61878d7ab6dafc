"""What happened in the last quarter of an hour, in bounded memory. Pure."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.operations.sources.targets import Target

KEPT_SECONDS: Final = 900.0


@dataclass(frozen=True, slots=True)
class Sample:
    """One look: how long it is after the one before, by how much each total rose meanwhile.

    What is not known is missing: a total that nobody reported, the `lag` of a group in seconds.
    """

    at: float
    seconds: float
    rises: Mapping[str, float]
    lag: Mapping[str, float]


class History:
    """Samples of the last `KEPT_SECONDS`, at most `most` of them; times are a steady clock's."""

    def __init__(self, look_seconds: float) -> None:
        self._samples: deque[Sample] = deque(maxlen=int(KEPT_SECONDS / look_seconds) + 1)
        self._totals: dict[Target, Mapping[str, float]] = {}
        self._last_at: float | None = None

    def add(
        self, at: float, totals: Mapping[Target, Mapping[str, float]], lag: Mapping[str, float]
    ) -> None:
        """Add what every process reported now; those that did not answer are missing."""
        rises: dict[str, float] = {}
        for target, counted in totals.items():
            before = self._totals.get(target, counted)
            for name, total in counted.items():
                rises[name] = rises.get(name, 0.0) + _rise(before.get(name, 0.0), total)
        if self._last_at is not None:
            self._samples.append(Sample(at, at - self._last_at, rises, dict(lag)))
        self._last_at = at
        self._totals = {**self._totals, **totals}

    def forget(self, known: Sequence[Target]) -> None:
        """Forget processes that are not targets any longer."""
        self._totals = {each: self._totals[each] for each in known if each in self._totals}

    def samples(self, now: float, seconds: float = KEPT_SECONDS) -> list[Sample]:
        """Return the samples of the last `seconds`, the oldest first."""
        return [each for each in self._samples if each.at > now - seconds]

    def per_second(self, name: str, now: float, seconds: float) -> float | None:
        """Return how fast a total rose; None if nobody reported it meanwhile."""
        return rate(name, self.samples(now, seconds))

    def rise(self, name: str, now: float, seconds: float) -> float:
        """Return by how much a total rose."""
        return sum(each.rises.get(name, 0.0) for each in self.samples(now, seconds))


def rate(name: str, samples: Sequence[Sample]) -> float | None:
    """Return how fast a total rose in these samples, per second."""
    of_name = [each for each in samples if name in each.rises]
    elapsed = sum(each.seconds for each in of_name)
    return sum(each.rises[name] for each in of_name) / elapsed if elapsed else None


def _rise(before: float, now: float) -> float:
    return now - before if now >= before else now  # a process that started again counts from 0
