"""The result table of `make demo`."""

from collections import Counter
from collections.abc import Iterable, Iterator

from rich.table import Table

from devstack.platform.demo_wait import Timings, rate
from devstack.platform.evidence import Evidence
from devstack.platform.verdict import MAILS_EACH, Expected

_Row = tuple[str, str, str]


def demo_table(
    expected: Iterable[Expected], accepted: int, found: Evidence, timings: Timings
) -> Table:
    """Return a table of expected and actual outcomes."""
    expected = list(expected)
    table = Table("", "expected", "found")
    for column in table.columns[1:]:
        column.justify = "right"
    for row in [
        _row("accepted", len(expected), accepted),
        *_outcome_rows(expected, found),
        _row("mailed", MAILS_EACH * len(expected), len(found.mails)),
        _row("dead-lettered", 0, found.dead_letters),
        *_times(timings, accepted, found),
    ]:
        table.add_row(*row)
    return table


def _row(name: str, expected: int, found: int) -> _Row:
    return name, f"{expected:,}", f"{found:,}"


def _outcome_rows(expected: Iterable[Expected], found: Evidence) -> Iterator[_Row]:
    wanted = Counter((each.service, each.outcome) for each in expected)
    made = Counter((each.service, each.outcome) for each in found.decisions)
    yield _row("decided", wanted.total(), made.total())
    for service, outcome in sorted(wanted | made):
        yield _row(f"  {service}: {outcome}", wanted[service, outcome], made[service, outcome])


def _times(timings: Timings, accepted: int, found: Evidence) -> Iterator[_Row]:
    for name, count, seconds in (
        ("accepted", accepted, timings.accepted_seconds),
        ("decided", len(found.decisions), timings.decided_seconds),
        ("mailed", len(found.mails), timings.sent_seconds),
    ):
        yield f"all {name} after", "", f"{seconds:.1f} s"
        yield f"{name} a second", "", rate(count, seconds)
