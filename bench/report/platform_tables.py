"""The tables of the part `platform`: speed, processor time by process, rest, and steps of load."""

from collections.abc import Iterator

from bench.report.formatting import Row, format_number, markdown_table
from bench.report.results import PlatformFigures, PlatformStep, Results

_ORDER = (
    *("kafka", "mongodb", "intake", "eligibility", "recognition", "notify", "reconciliation"),
    "sink",
)
_INFRASTRUCTURE = {"kafka", "mongodb", "sink"}


def platform_table(results: Results) -> str:
    """Applications per second from POST to the last mail, and processor time for each."""
    head = (
        *("pipeline", "applications", "accepted/s", "decided/s", "mailed/s"),
        *("CPU ms each", "refused", "lost", "doubled"),
    )
    return markdown_table(head, map(_speed_row, results.platform.items()))


def _speed_row(item: tuple[str, PlatformFigures]) -> Row:
    name, each = item
    return (
        f"`{name}`: {each.not_run or each.what}",
        format_number(each.applications),
        format_number(each.accepted_per_second),
        format_number(each.decided_per_second),
        format_number(each.mailed_per_second),
        format_number(each.total_cpu_ms, 2),
        str(each.refused),
        str(each.lost),
        str(each.doubled),
    )


def platform_cpu_table(results: Results) -> str:
    """Milliseconds of processor time for one application, by process."""
    head = ("CPU ms for one application", *(f"`{name}`" for name in results.platform))
    return markdown_table(head, _cpu_rows(results))


def _cpu_rows(results: Results) -> Iterator[Row]:
    figures = results.platform.values()
    for process in _processes([each.cpu_ms for each in figures]):
        costs = (format_number(each.cpu_ms.get(process), 2) for each in figures)
        yield process, *costs
    if figures:
        yield "all together", *(format_number(each.total_cpu_ms, 2) for each in figures)


def _processes(found: list[dict[str, float]]) -> list[str]:
    names = dict.fromkeys(name for each in found for name in each)
    known = [name for name in _ORDER if name in names]
    return known + [name for name in names if name not in _ORDER]


def platform_rest_table(results: Results) -> str:
    """The share of a core that each process uses at rest."""
    head = ("% of a core at rest", *(f"`{name}`" for name in results.platform))
    return markdown_table(head, _rest_rows(results))


def _rest_rows(results: Results) -> Iterator[Row]:
    figures = results.platform.values()
    for process in _processes([each.at_rest_percent for each in figures]):
        yield process, *(format_number(each.at_rest_percent.get(process), 1) for each in figures)
    if figures:
        yield "the services together", *(format_number(services_at_rest(e), 1) for e in figures)


def services_at_rest(figures: PlatformFigures) -> float | None:
    """Return the share of a core, in percent, that the services together use at rest."""
    shares = figures.at_rest_percent
    services = [share for name, share in shares.items() if name not in _INFRASTRUCTURE]
    return sum(services) if services else None


def platform_steps_table(results: Results) -> str:
    """Latency at fixed rates of single applications."""
    head = (
        *("pipeline", "offered/s", "due → accepted p50", "p95 ms", "accepted → decided p50"),
        *("p95 ms", "accepted → mailed p50", "p95 ms", "CPU ms each", "keeps up"),
    )
    rows = (_step_row(name, step) for name, each in results.platform.items() for step in each.steps)
    return markdown_table(head, rows)


def _step_row(name: str, step: PlatformStep) -> Row:
    times = (
        *(step.accepted_p50_ms, step.accepted_p95_ms, step.decided_p50_ms, step.decided_p95_ms),
        *(step.mailed_p50_ms, step.mailed_p95_ms),
    )
    return (
        f"`{name}`",
        format_number(step.per_second),
        *(format_number(each, 1) for each in times),
        format_number(sum(step.cpu_ms.values()), 2),
        "yes" if step.kept_up else "**no**",
    )
