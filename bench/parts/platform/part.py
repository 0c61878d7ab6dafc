"""Measures each subject in turn: at rest, with a bulk of applications, and in steps of load."""

import time
from collections.abc import Callable, Iterator
from itertools import count
from statistics import median
from typing import Final

from bench.harness.installation import NotRunError
from bench.harness.log import log
from bench.harness.percentiles import percentile
from bench.harness.plan import Plan
from bench.parts.platform.decisions import use_broker_timestamps
from bench.parts.platform.passage import Load, Passage, passage, shares
from bench.parts.platform.running import Running
from bench.parts.platform.subject import Subject, subjects
from bench.parts.platform.submissions import submissions
from bench.report.results import PlatformFigures, PlatformStep

_WARM_UP: Final = 300
_COOL_DOWN_SECONDS: Final = 5.0
_BUSY: Final = 100.0  # while it warms up, nothing is known yet about rest
_KEEPS_UP_SECONDS: Final = 2.0
_enterprises = count(step=100_000)


def measure(plan: Plan) -> dict[str, PlatformFigures]:
    """Measure all subjects in turn, in several rounds; only the first round has steps of load."""
    rounds: dict[str, list[PlatformFigures]] = {}
    for number in range(plan.platform_rounds):
        for subject in subjects(plan):
            figures = _try_measure(subject, plan, with_steps=not number)
            rounds.setdefault(subject.name, []).append(figures)
            log(f"round {number + 1}: {subject.name}: {_summary(figures)}")
    return {name: median_figures(each) for name, each in rounds.items()}


def _try_measure(subject: Subject, plan: Plan, *, with_steps: bool) -> PlatformFigures:
    try:
        with subject.running() as running:
            return _measure(running, subject, plan, with_steps=with_steps)
    except (NotRunError, OSError, TimeoutError) as error:
        return PlatformFigures(what=subject.what, not_run=f"{type(error).__name__}: {error}")


def _summary(figures: PlatformFigures) -> str:
    if figures.not_run:
        return figures.not_run
    return (
        f"{figures.mailed_per_second:,.0f} applications/s to the last mail, "
        f"{sum(figures.cpu_ms.values()):.1f} ms each"
    )


def _measure(
    running: Running, subject: Subject, plan: Plan, *, with_steps: bool
) -> PlatformFigures:
    use_broker_timestamps(running.stack, subject.topics)
    passage(running, subject, _load("warm-up", _WARM_UP), _BUSY)
    time.sleep(_COOL_DOWN_SECONDS)
    at_rest = shares(running, plan.idle_seconds)
    rest = sum(at_rest.values())
    applications = plan.applications if subject.bulk else plan.slow_applications
    bulk = passage(running, subject, _load("bulk", applications), rest)
    steps = list(_steps(running, subject, plan, rest)) if with_steps else []
    return _figures(subject, bulk, at_rest, steps)


def _load(label: str, number: int, per_second: float | None = None) -> Load:
    return Load(label, list(submissions(label, number, next(_enterprises))), per_second)


def _steps(running: Running, subject: Subject, plan: Plan, rest: float) -> Iterator[PlatformStep]:
    """Offer one rate after another, until the pipeline does not keep up."""
    for rate in plan.platform_rates:
        load = _load(f"step{rate}", rate * plan.platform_step_seconds, rate)
        step = _step(passage(running, subject, load, rest), rate)
        log(f"{subject.name} at {rate}/s: mailed after {step.mailed_p50_ms} ms (p50)")
        yield step
        if not step.kept_up:
            return


def _step(found: Passage, rate: int) -> PlatformStep:
    accepted = [each.accepted - each.due for each in found.receipts]
    decided = [
        found.decided[each.application_id].at - each.accepted
        for each in found.receipts
        if each.application_id in found.decided
    ]
    mailed = [
        max(found.mailed[each.recipient]) - each.accepted
        for each in found.receipts
        if each.recipient in found.mailed
    ]
    behind = found.last_mailed - found.last_accepted
    return PlatformStep(
        per_second=rate,
        accepted_p50_ms=_milliseconds(accepted, 50),
        accepted_p95_ms=_milliseconds(accepted, 95),
        decided_p50_ms=_milliseconds(decided, 50),
        decided_p95_ms=_milliseconds(decided, 95),
        mailed_p50_ms=_milliseconds(mailed, 50),
        mailed_p95_ms=_milliseconds(mailed, 95),
        kept_up=not (found.refused or found.lost) and behind <= _KEEPS_UP_SECONDS,
        cpu_ms=_cpu_ms(found),
    )


def _milliseconds(seconds: list[float], share: int) -> float | None:
    # The broker's timestamps are whole milliseconds, so that the difference may be negative.
    return percentile(sorted(max(0.0, round(each * 1000, 1)) for each in seconds), share)


def _cpu_ms(found: Passage) -> dict[str, float]:
    accepted = len(found.receipts)
    return {name: round(used * 1000 / accepted, 3) for name, used in found.cpu_seconds.items()}


def _figures(
    subject: Subject, bulk: Passage, at_rest: dict[str, float], steps: list[PlatformStep]
) -> PlatformFigures:
    def per_second(last: float) -> float:
        return round(len(bulk.receipts) / max(0.001, last - bulk.started), 1)

    cpu_ms = _cpu_ms(bulk)
    return PlatformFigures(
        what=subject.what,
        applications=bulk.sent,
        accepted_per_second=per_second(bulk.last_accepted),
        decided_per_second=per_second(bulk.last_decided),
        mailed_per_second=per_second(bulk.last_mailed),
        cpu_ms=cpu_ms,
        at_rest_percent={name: round(100 * share, 2) for name, share in at_rest.items()},
        refused=bulk.refused,
        lost=bulk.lost,
        doubled=bulk.doubled,
        steps=steps,
    )


def median_figures(rounds: list[PlatformFigures]) -> PlatformFigures:
    """Return the medians over the rounds in which nothing was lost or doubled, and all losses."""
    faults = {
        name: sum(getattr(each, name) for each in rounds) for name in ("refused", "lost", "doubled")
    }
    good = [each for each in rounds if each.counts]
    if not good:
        reason = rounds[-1].not_run or ", ".join(f"{n} {name}" for name, n in faults.items())
        return PlatformFigures.model_validate(
            {"what": rounds[-1].what, "not_run": reason, **faults}
        )
    return good[0].model_copy(
        update={
            **faults,
            "accepted_per_second": _median(good, lambda each: each.accepted_per_second),
            "decided_per_second": _median(good, lambda each: each.decided_per_second),
            "mailed_per_second": _median(good, lambda each: each.mailed_per_second),
            "cpu_ms": _medians([each.cpu_ms for each in good]),
            "at_rest_percent": _medians([each.at_rest_percent for each in good]),
            "rounds": [each.mailed_per_second for each in good],
            "cpu_ms_of_rounds": [round(sum(each.cpu_ms.values()), 2) for each in good],
        }
    )


def _median(
    rounds: list[PlatformFigures], figure: Callable[[PlatformFigures], float | None]
) -> float:
    return round(median(figure(each) or 0.0 for each in rounds), 1)


def _medians(rounds: list[dict[str, float]]) -> dict[str, float]:
    return {name: round(median(each[name] for each in rounds), 3) for name in rounds[0]}
