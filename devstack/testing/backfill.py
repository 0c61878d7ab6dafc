"""Days and weeks of samples for Prometheus, which it takes for its own.

For what looks back further than a test can wait: write them into the folder of a Prometheus before
it starts. They end where you say, usually now, and it goes on from there.
"""

import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count, takewhile
from pathlib import Path

from devstack.errors import StackError

_STEP_SECONDS = 120  # PromQL looks back five minutes for a sample
# Few large blocks instead of one for every two hours.
_COMMAND = (
    "promtool",
    "tsdb",
    "create-blocks-from",
    "--quiet",
    "openmetrics",
    "--max-block-duration=162h",
)


@dataclass(frozen=True, slots=True)
class Series:
    """A series, and its value at each time (in seconds since 1970)."""

    name: str
    value: Callable[[float], float]
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Period:
    """When the samples were taken: every `step` seconds from `begin` to `end`."""

    begin: float
    end: float
    step: float = _STEP_SECONDS

    def times(self) -> Iterator[float]:
        """Return the time of each sample."""
        return takewhile(lambda each: each <= self.end, count(self.begin, self.step))


def backfill(storage: Path, series: Iterable[Series], period: Period) -> None:
    """Write the samples of `period` into the folder `storage` of a Prometheus that does not run.

    May be called repeatedly, with other series or other times.

    Raises `StackError` if promtool does not accept them.
    """
    storage.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", suffix=".om", dir=storage.parent) as samples:
        samples.writelines(_lines(series, period))
        samples.flush()
        result = subprocess.run(  # noqa: S603 - our own files
            [*_COMMAND, samples.name, str(storage)], capture_output=True, text=True, check=False
        )
    if result.returncode:
        msg = f"promtool cannot write blocks: {result.stderr.strip()[-300:]}"
        raise StackError(msg)


def counting(rate: Callable[[float], float], begin: float, step: float) -> Callable[[float], float]:
    """Return the value of a counter that grows by `rate` per second, from 0 at `begin`.

    It must be asked for ascending times. `rate` is asked once for each `step` seconds.
    """
    at, total = begin, 0.0

    def value(now: float) -> float:
        nonlocal at, total
        while at < now:
            seconds = min(step, now - at)
            total += rate(at) * seconds
            at += seconds
        return total

    return value


def _lines(series: Iterable[Series], period: Period) -> Iterator[str]:
    # Without a type, as any name is valid then: one with colons too, as rules record.
    for each in series:
        labels = ",".join(f'{name}="{value}"' for name, value in each.labels.items())
        for at in period.times():
            yield f"{each.name}{{{labels}}} {each.value(at)} {at:.3f}\n"
    yield "# EOF\n"
