"""The tables in Markdown, for docs/performance.md and the terminal."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from bench.report.formatting import Row, format_number, markdown_table
from bench.report.platform_tables import (
    platform_cpu_table,
    platform_rest_table,
    platform_steps_table,
    platform_table,
)
from bench.report.results import PageFigures, PipelineFigures, Results
from bench.report.targets import TargetResult, connections_limit, evaluate_targets, ratio

_MET_TEXT: Final = {True: "met", False: "**not met**", None: "not measured"}


def targets_table(results: Results) -> str:
    """Targets with their bounds and measured values."""
    return markdown_table(
        ("target", "bound", "measured", ""), map(_target_row, evaluate_targets(results))
    )


def _target_row(result: TargetResult) -> Row:
    target = result.target
    sign = "≤" if target.is_upper else "≥"
    digits = 2 if target.unit == "×" else 0
    measured = format_number(result.measured, digits)
    bound = f"{sign} {target.bound:,g} {target.unit}"
    return target.description, bound, f"{measured} {target.unit}", _MET_TEXT[result.met]


def pipeline_table(results: Results) -> str:
    """All contenders, with the speed of the eligibility service relative to each."""
    head = (
        *("contender", "events/s, median", "best", "ours is", "CPU µs/event"),
        *("peak MB", "first decision s"),
    )
    return markdown_table(head, _pipeline_rows(results))


def _pipeline_rows(results: Results) -> Iterator[Row]:
    ours = results.pipeline.get("ours")
    our_speed = ours.events_per_second if ours else None
    for name, each in _by_speed(results):
        if each.events_per_second is None:
            yield f"{name}: not run: {each.not_run}", *["–"] * 6
            continue
        times = format_number(ratio(our_speed, each.events_per_second), 2)
        yield (
            f"`{name}`: {each.what}",
            format_number(each.events_per_second),
            format_number(each.best_events_per_second),
            f"{times} ×",
            format_number(each.cpu_us_per_event, 1),
            format_number(each.peak_rss_mb),
            format_number(each.first_effect_seconds, 1),
        )


def _by_speed(results: Results) -> list[tuple[str, PipelineFigures]]:
    return sorted(results.pipeline.items(), key=lambda item: -(item[1].events_per_second or 0))


def poison_table(results: Results) -> str:
    """Losses and duplicates with one bad record in a thousand, and after redelivery."""
    head = (
        *("contender", "good applications lost", "doubled", "dead letters", "bad records"),
        *("ended", "doubled when all is delivered twice"),
    )
    return markdown_table(head, _poison_rows(results))


def _poison_rows(results: Results) -> Iterator[Row]:
    for name, each in _by_speed(results):
        if (poison := each.poison) is not None:
            bad_records = str(poison.events // 1_000)
            counts = (
                format_number(poison.lost),
                format_number(poison.doubled),
                format_number(poison.dead_letters),
            )
            twice = format_number(each.redelivered.doubled if each.redelivered else None)
            yield f"`{name}`", *counts, bad_records, poison.ended, twice


def intake_table(results: Results) -> str:
    """Requests or lines per second."""
    rows = (
        (
            f"`{name}`: {each.not_run or each.what}",
            format_number(each.per_second),
            format_number(each.cpu_us_each),
            format_number(each.p50_ms, 1),
            format_number(each.p99_ms, 1),
            str(each.failed),
        )
        for name, each in results.intake.items()
    )
    return markdown_table(
        ("contender", "per second", "CPU µs each", "p50 ms", "p99 ms", "failed"), rows
    )


def notify_table(results: Results) -> str:
    """Mails per second."""
    return _rates(results.notify.items(), "mails/s")


def mail_rates_table(results: Results) -> str:
    """Mails per second by the time that the mail server takes to accept one."""
    answers = sorted({each.answer_ms for each in results.mail_rates})
    senders = dict.fromkeys(each.sender for each in results.mail_rates)
    rates = {(each.sender, each.answer_ms): each.per_second for each in results.mail_rates}
    rows = [
        (f"`{sender}`", *(format_number(rates.get((sender, each))) for each in answers))
        for sender in senders
    ]
    if rows:
        limits = (connections_limit(results, each) for each in answers)
        title = f"limit: {results.mail_connections} connections ÷ answer time"
        rows.append((title, *map(format_number, limits)))
    return markdown_table(("mails/s", *(f"{each} ms" for each in answers)), rows)


def replay_table(results: Results) -> str:
    """Decisions per second."""
    return _rates(results.replay.items(), "decisions/s")


def _rates(items: Iterable[tuple[str, object]], unit: str) -> str:
    rows = (
        (
            f"`{name}`: {getattr(each, 'not_run', None) or getattr(each, 'what', '')}",
            format_number(getattr(each, "per_second", None)),
            format_number(getattr(each, "cpu_us_each", None), 1),
        )
        for name, each in items
    )
    return markdown_table(("contender", unit, "CPU µs each"), rows)


def latency_table(results: Results) -> str:
    """Latency on an idle machine."""
    rows = (
        (
            f"`{name}`: {each.not_run or each.what}",
            format_number(each.p50_ms, 1),
            format_number(each.p99_ms, 1),
        )
        for name, each in results.latency.items()
    )
    return markdown_table(("from … to", "p50 ms", "p99 ms"), rows)


def load_table(results: Results) -> str:
    """Latency at fixed rates of events."""
    rows = (
        (
            f"`{each.contender}`",
            format_number(each.events_per_second),
            each.not_run or format_number(each.p50_ms, 1),
            format_number(each.p99_ms, 1),
        )
        for each in results.load
    )
    return markdown_table(("contender", "events/s sent", "p50 ms", "p99 ms"), rows)


def stages_table(results: Results) -> str:
    """CPU time per event in each stage of the eligibility service."""
    ours = results.pipeline.get("ours")
    rows = [(name, format_number(cost, 1)) for name, cost in results.stages_us.items()]
    if rows and ours and ours.cpu_us_per_event:
        rest = ours.cpu_us_per_event - sum(results.stages_us.values())
        rows.append(("the rest: Kafka, MongoDB, lookups, event loop", format_number(rest, 1)))
    return markdown_table(("stage", "CPU µs/event"), rows)


def recovery_table(results: Results) -> str:
    """Recovery after kill -9, and the start of each service."""
    found = results.recovery
    rows: list[Row] = []
    if found is not None and found.median_seconds is not None:
        rows.append(
            ("kill -9 → first new decision, median", format_number(found.median_seconds, 1))
        )
        rows.append(
            ("kill -9 → first new decision, longest", format_number(found.worst_seconds, 1))
        )
    for name, seconds in results.start_seconds.items():
        rows.append((f"start of `{name}` until it is ready", format_number(seconds, 1)))
    return markdown_table(("", "s"), rows)


def metrics_table(results: Results) -> str:
    """What metrics cost, and how long a scrape takes."""
    rows: list[Row] = []
    if (found := results.metrics) is not None:
        rows = [
            _metrics_row("with all metrics, as it ships", found.metered),
            _metrics_row("without any", found.unmetered),
        ]
        scrapes = (found.scrapes.p50_ms, found.scrapes.p95_ms, found.scrapes.longest_ms)
        milliseconds = " / ".join(format_number(each, 1) for each in scrapes)
        rows.append(("a scrape meanwhile: median / p95 / longest", f"{milliseconds} ms", "–"))
    return markdown_table(("the eligibility service", "events/s, median", "CPU µs/event"), rows)


def tracing_table(results: Results) -> str:
    """What traces cost, beside the same service without them."""
    rows: list[Row] = []
    if (found := results.tracing) is not None:
        rows = [
            _tracing_row("no traces, as it ships", found.off, found.off),
            _tracing_row("one trace in a hundred", found.one_percent, found.off),
            _tracing_row("every trace", found.all, found.off),
        ]
    return markdown_table(
        ("the eligibility service", "events/s, median", "CPU µs/event", "ratio of CPU"), rows
    )


def _tracing_row(what: str, found: PipelineFigures, without: PipelineFigures) -> Row:
    ratio = None
    if found.cpu_us_per_event and without.cpu_us_per_event:
        ratio = found.cpu_us_per_event / without.cpu_us_per_event
    return *_metrics_row(what, found), format_number(ratio, 2)


def _metrics_row(what: str, found: PipelineFigures) -> Row:
    if found.not_run:
        return f"{what}: not run: {found.not_run}", "–", "–"
    return what, format_number(found.events_per_second), format_number(found.cpu_us_per_event, 1)


def growth_table(results: Results) -> str:
    """Throughput and cost by backlog, partitions and processes."""
    rows = (
        (
            f"{each.value:,} {each.what}",
            format_number(each.events_per_second),
            format_number(each.cpu_us_per_event, 1),
            format_number(each.peak_rss_mb),
        )
        for each in results.growth
    )
    return markdown_table(("size", "events/s", "CPU µs/event", "peak MB"), rows)


def portal_table(results: Results) -> str:
    """The public site under load, by kind of page."""
    rows: list[Row] = []
    if (found := results.portal) is not None:
        rows = [_page_row(name, each) for name, each in found.pages.items()]
        rows += [
            _page_row(f"{name}, while {found.items:,} items are published", each)
            for name, each in found.pages_while_refreshing.items()
            if name == "all pages"
        ]
    return markdown_table(
        ("page", "visits", "failed", "p50 ms", "p95 ms", "p99 ms", "longest ms", "KB"), rows
    )


def _page_row(name: str, found: PageFigures) -> Row:
    times = (found.p50_ms, found.p95_ms, found.p99_ms, found.longest_ms, found.transferred_kb)
    return name, f"{found.visits:,}", str(found.failed), *(format_number(e, 1) for e in times)


TABLES: Final[dict[str, Callable[[Results], str]]] = {
    "platform": platform_table,
    "platform_cpu": platform_cpu_table,
    "platform_rest": platform_rest_table,
    "platform_steps": platform_steps_table,
    "targets": targets_table,
    "pipeline": pipeline_table,
    "poison": poison_table,
    "intake": intake_table,
    "notify": notify_table,
    "mail_rates": mail_rates_table,
    "replay": replay_table,
    "latency": latency_table,
    "load": load_table,
    "stages": stages_table,
    "recovery": recovery_table,
    "growth": growth_table,
    "metrics": metrics_table,
    "tracing": tracing_table,
    "portal": portal_table,
}
