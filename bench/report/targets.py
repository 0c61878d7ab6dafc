"""Performance targets, and whether results meet them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from bench.report.platform_tables import services_at_rest
from bench.report.results import MailRate, Results

Figure = Callable[[Results], float | None]


@dataclass(frozen=True, slots=True)
class Target:
    """A bound on a figure, which may be a ratio."""

    description: str
    bound: float
    unit: str
    figure: Figure
    is_upper: bool = False


@dataclass(frozen=True, slots=True)
class TargetResult:
    """A target and its measured value, if there is one."""

    target: Target
    measured: float | None

    @property
    def met(self) -> bool | None:
        """Whether the target is met; `None` if it was not measured."""
        if self.measured is None:
            return None
        if self.target.is_upper:
            return self.measured <= self.target.bound
        return self.measured >= self.target.bound


def evaluate_targets(results: Results) -> Iterator[TargetResult]:
    """Compare results with all targets."""
    return (TargetResult(each, each.figure(results)) for each in TARGETS)


def ratio(of: float | None, to: float | None) -> float | None:
    """Divide, if both values were measured."""
    return of / to if of is not None and to else None


def throughput_ratio(contender: str) -> Figure:
    """Return the figure that divides our throughput by a contender's."""

    def figure(results: Results) -> float | None:
        ours, theirs = results.pipeline.get("ours"), results.pipeline.get(contender)
        if ours is None or theirs is None:
            return None
        return ratio(ours.events_per_second, theirs.events_per_second)

    return figure


def _intake_figure(name: str, field: str) -> Figure:
    def figure(results: Results) -> float | None:
        found = results.intake.get(name)
        return getattr(found, field) if found else None

    return figure


def _latency_p99(name: str) -> Figure:
    def figure(results: Results) -> float | None:
        found = results.latency.get(name)
        return found.p99_ms if found else None

    return figure


def _notify_rate(name: str) -> Figure:
    def figure(results: Results) -> float | None:
        found = results.notify.get(name)
        return found.per_second if found else None

    return figure


def connections_limit(results: Results, answer_ms: int) -> float | None:
    """Return the rate at which all our connections do nothing but wait for the mail server."""
    if not answer_ms or results.mail_connections is None:
        return None
    return results.mail_connections * 1_000 / answer_ms


def _of_the_limit(answer_ms: int, *, or_of_own: bool = False) -> Figure:
    """Return the figure that divides our rate by the limit of the connections.

    With `or_of_own`, by our own rate to a server that answers at once, if that is less.
    """

    def figure(results: Results) -> float | None:
        rates = {each.answer_ms: each.per_second for each in results.mail_rates if _is_ours(each)}
        limit, own = connections_limit(results, answer_ms), rates.get(0)
        if limit is None or own is None:
            return None
        return ratio(rates.get(answer_ms), min(limit, own) if or_of_own else limit)

    return figure


def _is_ours(rate: MailRate) -> bool:
    """Return whether a rate is that of our service."""
    return rate.sender == "ours"


def _ratio_of(of: Figure, to: Figure) -> Figure:
    return lambda results: ratio(of(results), to(results))


def _replay_rate(results: Results) -> float | None:
    found = results.replay.get("rules")
    return found.per_second if found else None


def _peak_memory(results: Results) -> float | None:
    ours = results.pipeline.get("ours")
    peaks = [ours.peak_rss_mb] if ours and ours.peak_rss_mb else []
    peaks += [each.peak_rss_mb for each in results.growth]
    return max(peaks) if peaks else None


def _platform_rate(name: str) -> Figure:
    def figure(results: Results) -> float | None:
        found = results.platform.get(name)
        return found.mailed_per_second if found else None

    return figure


def _platform_cpu(name: str) -> Figure:
    def figure(results: Results) -> float | None:
        found = results.platform.get(name)
        return found.total_cpu_ms if found else None

    return figure


def _platform_at_rest(results: Results) -> float | None:
    found = results.platform.get("ours")
    return services_at_rest(found) if found else None


def _upper_bound(description: str, bound: float, unit: str, figure: Figure) -> Target:
    return Target(description, bound, unit, figure, is_upper=True)


_SINGLE, _ONE_BY_ONE, _BULK = "single", "fastapi-one-by-one", "bulk"
TARGETS: Final = (
    Target(
        "platform: applications/s to the last mail, against the documented pipeline",
        4,
        "×",
        _ratio_of(_platform_rate("ours"), _platform_rate("documented")),
    ),
    Target(
        "platform: applications/s to the last mail, against the baseline",
        5,
        "×",
        _ratio_of(_platform_rate("ours"), _platform_rate("baseline")),
    ),
    _upper_bound(
        "platform: processor time for each, against the baseline",
        0.25,
        "×",
        _ratio_of(_platform_cpu("ours"), _platform_cpu("baseline")),
    ),
    _upper_bound("platform: all services together, at rest", 3, "% of a core", _platform_at_rest),
    Target("against FastStream per message", 100, "×", throughput_ratio("faststream-per-message")),
    Target("against FastStream batches", 2, "×", throughput_ratio("faststream-batches")),
    Target("against aiokafka batches by hand", 1.2, "×", throughput_ratio("aiokafka-batches")),
    Target("against the floor without a framework", 1.0, "×", throughput_ratio("confluent-floor")),
    Target("against the Spring batch listener", 1.3, "×", throughput_ratio("spring-batch")),
    Target("against Quix Streams", 2, "×", throughput_ratio("quix")),
    Target("against sentry-arroyo", 2, "×", throughput_ratio("arroyo")),
    Target("against Go with franz-go", 0.4, "×", throughput_ratio("franz-go")),
    Target(
        "intake: single POST against one by one, requests/s",
        3.5,
        "×",
        _ratio_of(_intake_figure(_SINGLE, "per_second"), _intake_figure(_ONE_BY_ONE, "per_second")),
    ),
    _upper_bound(
        "intake: single POST against one by one, p99",
        0.5,
        "×",
        _ratio_of(_intake_figure(_SINGLE, "p99_ms"), _intake_figure(_ONE_BY_ONE, "p99_ms")),
    ),
    Target(
        "intake: bulk lines/s against single POST",
        4,
        "×",
        _ratio_of(_intake_figure(_BULK, "per_second"), _intake_figure(_SINGLE, "per_second")),
    ),
    Target(
        "notify: against aiosmtplib one by one",
        2,
        "×",
        _ratio_of(_notify_rate("ours"), _notify_rate("aiosmtplib-one-by-one")),
    ),
    Target("notify: mail server of 100 ms, of its limit", 0.9, "×", _of_the_limit(100)),
    Target("notify: mail server of 300 ms, of its limit", 0.9, "×", _of_the_limit(300)),
    Target(
        "notify: mail server of 10 ms, of its limit or of the rate without delay",
        0.9,
        "×",
        _of_the_limit(10, or_of_own=True),
    ),
    Target("rule replay", 30_000, "decisions/s", _replay_rate),
    _upper_bound(
        "idle, event → decision event, p99 against aiokafka by hand",
        1.5,
        "×",
        _ratio_of(_latency_p99("event-to-decision"), _latency_p99("event-to-decision-aiokafka")),
    ),
    _upper_bound("idle, POST → decision stored, p99", 100, "ms", _latency_p99("post-to-decision")),
    _upper_bound("idle, POST → mail sent, p99", 250, "ms", _latency_p99("post-to-mail")),
    _upper_bound("peak memory of the consumer", 160, "MB", _peak_memory),
)
