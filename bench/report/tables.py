"""The tables of results, in Markdown: they stand on the page and are printed at the end."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from bench.report.results import PipelineFigures, Results
from bench.report.targets import Outcome, outcomes, ratio

Row = Sequence[str]
_MET: Final = {True: "met", False: "**not met**", None: "not measured"}


def markdown(head: Row, rows: Iterable[Row]) -> str:
    """Lay out a table; all columns but the first are figures."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def number(value: float | None, digits: int = 0) -> str:
    """Write a figure, or that there is none."""
    return "–" if value is None else f"{value:,.{digits}f}"


def targets_table(results: Results) -> str:
    """Every target, with what was measured."""
    return markdown(("target", "bound", "measured", ""), map(_target_row, outcomes(results)))


def _target_row(outcome: Outcome) -> Row:
    target = outcome.target
    sign = "≤" if target.is_upper else "≥"
    digits = 2 if target.unit == "×" else 0
    measured = number(outcome.measured, digits)
    bound = f"{sign} {target.bound:,g} {target.unit}"
    return target.what, bound, f"{measured} {target.unit}", _MET[outcome.met]


def pipeline_table(results: Results) -> str:
    """Every contender, and how ours compares."""
    head = (
        *("way", "events/s, median", "best", "ours is", "CPU µs/event"),
        *("peak MB", "first decision s"),
    )
    return markdown(head, _pipeline_rows(results))


def _pipeline_rows(results: Results) -> Iterator[Row]:
    ours = results.pipeline.get("ours")
    our_speed = ours.events_per_second if ours else None
    for name, each in _by_speed(results):
        if each.events_per_second is None:
            yield f"{name}: not run: {each.not_run}", *["–"] * 6
            continue
        times = number(ratio(our_speed, each.events_per_second), 2)
        yield (
            f"`{name}`: {each.what}",
            number(each.events_per_second),
            number(each.best_events_per_second),
            f"{times} ×",
            number(each.cpu_us_per_event, 1),
            number(each.peak_rss_mb),
            number(each.first_effect_seconds, 1),
        )


def _by_speed(results: Results) -> list[tuple[str, PipelineFigures]]:
    return sorted(results.pipeline.items(), key=lambda item: -(item[1].events_per_second or 0))


def poison_table(results: Results) -> str:
    """What each loses under one record in a thousand that cannot be handled."""
    head = (
        *("way", "good applications lost", "doubled", "dead letters", "of poison"),
        *("how it ended", "doubled when all is delivered twice"),
    )
    return markdown(head, _poison_rows(results))


def _poison_rows(results: Results) -> Iterator[Row]:
    for name, each in _by_speed(results):
        if (poison := each.poison) is not None:
            spoilt = str(poison.events // 1_000)
            counts = (number(poison.lost), number(poison.doubled), number(poison.dead_letters))
            twice = number(each.redelivered.doubled if each.redelivered else None)
            yield f"`{name}`", *counts, spoilt, poison.ended, twice


def intake_table(results: Results) -> str:
    """Requests or lines a second."""
    rows = (
        (
            f"`{name}`: {each.not_run or each.what}",
            number(each.per_second),
            number(each.cpu_us_each),
            number(each.p50_ms, 1),
            number(each.p99_ms, 1),
            str(each.failed),
        )
        for name, each in results.intake.items()
    )
    return markdown(("way", "a second", "CPU µs each", "p50 ms", "p99 ms", "failed"), rows)


def notify_table(results: Results) -> str:
    """Mails a second."""
    return _rates(results.notify.items(), "mails/s")


def replay_table(results: Results) -> str:
    """Decisions a second."""
    return _rates(results.replay.items(), "decisions/s")


def _rates(items: Iterable[tuple[str, object]], unit: str) -> str:
    rows = (
        (
            f"`{name}`: {getattr(each, 'not_run', None) or getattr(each, 'what', '')}",
            number(getattr(each, "per_second", None)),
            number(getattr(each, "cpu_us_each", None), 1),
        )
        for name, each in items
    )
    return markdown(("way", unit, "CPU µs each"), rows)


def latency_table(results: Results) -> str:
    """What one event or request waits for on an idle machine."""
    rows = (
        (f"`{name}`: {each.not_run or each.what}", number(each.p50_ms, 1), number(each.p99_ms, 1))
        for name, each in results.latency.items()
    )
    return markdown(("from … to", "p50 ms", "p99 ms"), rows)


def load_table(results: Results) -> str:
    """What events wait for while so many come in every second."""
    rows = (
        (
            f"`{each.contender}`",
            number(each.events_per_second),
            each.not_run or number(each.p50_ms, 1),
            number(each.p99_ms, 1),
        )
        for each in results.load
    )
    return markdown(("way", "events/s coming in", "p50 ms", "p99 ms"), rows)


def stages_table(results: Results) -> str:
    """Where the time of one event goes in our service."""
    ours = results.pipeline.get("ours")
    rows = [(name, number(cost, 1)) for name, cost in results.stages_us.items()]
    if rows and ours and ours.cpu_us_per_event:
        rest = ours.cpu_us_per_event - sum(results.stages_us.values())
        rows.append(("the rest: Kafka, MongoDB, look-ups, the loop", number(rest, 1)))
    return markdown(("stage", "CPU µs/event"), rows)


def recovery_table(results: Results) -> str:
    """How long a killed service is away, and how long each takes to start."""
    found = results.recovery
    rows: list[Row] = []
    if found is not None and found.median_seconds is not None:
        rows.append(("kill -9 → first new decision, median", number(found.median_seconds, 1)))
        rows.append(("kill -9 → first new decision, longest", number(found.worst_seconds, 1)))
    for name, seconds in results.start_seconds.items():
        rows.append((f"start of `{name}` until it is ready", number(seconds, 1)))
    return markdown(("", "s"), rows)


def growth_table(results: Results) -> str:
    """How cost grows with work."""
    rows = (
        (
            f"{each.value:,} {each.what}",
            number(each.events_per_second),
            number(each.cpu_us_per_event, 1),
            number(each.peak_rss_mb),
        )
        for each in results.growth
    )
    return markdown(("work", "events/s", "CPU µs/event", "peak MB"), rows)


TABLES: Final[dict[str, Callable[[Results], str]]] = {
    "targets": targets_table,
    "pipeline": pipeline_table,
    "poison": poison_table,
    "intake": intake_table,
    "notify": notify_table,
    "replay": replay_table,
    "latency": latency_table,
    "load": load_table,
    "stages": stages_table,
    "recovery": recovery_table,
    "growth": growth_table,
}
