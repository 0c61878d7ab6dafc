"""What is aimed at, and whether the figures hold it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from bench.report.results import Results

Figure = Callable[[Results], float | None]


@dataclass(frozen=True, slots=True)
class Target:
    """A bound on a figure; a figure may be a ratio of two."""

    what: str
    bound: float
    unit: str
    figure: Figure
    is_upper: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """A target with what was measured; `met` is open if it was not."""

    target: Target
    measured: float | None

    @property
    def met(self) -> bool | None:
        """Whether the target is met."""
        if self.measured is None:
            return None
        if self.target.is_upper:
            return self.measured <= self.target.bound
        return self.measured >= self.target.bound


def outcomes(results: Results) -> Iterator[Outcome]:
    """Compare results with every target."""
    return (Outcome(each, each.figure(results)) for each in TARGETS)


def ratio(of: float | None, to: float | None) -> float | None:
    """Divide, if both were measured."""
    return of / to if of is not None and to else None


def against(contender: str) -> Figure:
    """Compare our throughput with a contender's."""

    def figure(results: Results) -> float | None:
        ours, theirs = results.pipeline.get("ours"), results.pipeline.get(contender)
        if ours is None or theirs is None:
            return None
        return ratio(ours.events_per_second, theirs.events_per_second)

    return figure


def _intake(name: str, field: str) -> Figure:
    def figure(results: Results) -> float | None:
        found = results.intake.get(name)
        return getattr(found, field) if found else None

    return figure


def _latency(name: str) -> Figure:
    def figure(results: Results) -> float | None:
        found = results.latency.get(name)
        return found.p99_ms if found else None

    return figure


def _notify(name: str) -> Figure:
    def figure(results: Results) -> float | None:
        found = results.notify.get(name)
        return found.per_second if found else None

    return figure


def _divided(of: Figure, to: Figure) -> Figure:
    return lambda results: ratio(of(results), to(results))


def _replay(results: Results) -> float | None:
    found = results.replay.get("rules")
    return found.per_second if found else None


def _memory(results: Results) -> float | None:
    ours = results.pipeline.get("ours")
    peaks = [ours.peak_rss_mb] if ours and ours.peak_rss_mb else []
    peaks += [each.peak_rss_mb for each in results.growth]
    return max(peaks) if peaks else None


def _upper(what: str, bound: float, unit: str, figure: Figure) -> Target:
    return Target(what, bound, unit, figure, is_upper=True)


_SINGLE, _ONE_BY_ONE, _BULK = "single", "fastapi-one-by-one", "bulk"
TARGETS: Final = (
    Target("against FastStream per message", 100, "×", against("faststream-per-message")),
    Target("against FastStream batches", 2, "×", against("faststream-batches")),
    Target("against aiokafka batches by hand", 1.2, "×", against("aiokafka-batches")),
    Target("against the floor without a framework", 1.0, "×", against("confluent-floor")),
    Target("against the Spring batch listener", 1.3, "×", against("spring-batch")),
    Target("against Quix Streams", 2, "×", against("quix")),
    Target("against sentry-arroyo", 2, "×", against("arroyo")),
    Target("against Go with franz-go", 0.4, "×", against("franz-go")),
    Target(
        "intake: single POST against one by one, requests/s",
        3.5,
        "×",
        _divided(_intake(_SINGLE, "per_second"), _intake(_ONE_BY_ONE, "per_second")),
    ),
    _upper(
        "intake: single POST against one by one, p99",
        0.5,
        "×",
        _divided(_intake(_SINGLE, "p99_ms"), _intake(_ONE_BY_ONE, "p99_ms")),
    ),
    Target(
        "intake: bulk lines/s against single POST",
        4,
        "×",
        _divided(_intake(_BULK, "per_second"), _intake(_SINGLE, "per_second")),
    ),
    Target(
        "notify: against aiosmtplib one by one",
        8,
        "×",
        _divided(_notify("ours"), _notify("aiosmtplib-one-by-one")),
    ),
    Target("rule replay", 30_000, "decisions/s", _replay),
    _upper(
        "idle, event → decision event, p99 against aiokafka by hand",
        1.5,
        "×",
        _divided(_latency("event-to-decision"), _latency("event-to-decision-aiokafka")),
    ),
    _upper("idle, POST → decision kept, p99", 100, "ms", _latency("post-to-decision")),
    _upper("idle, POST → mail handed over, p99", 250, "ms", _latency("post-to-mail")),
    _upper("peak memory of the consumer", 160, "MB", _memory),
)
