"""One run over a file of rulings: checks every line, then publishes the valid ones."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from cli.import_rulings.check import Checked, Complaint, check
from cli.import_rulings.kafka import Patience, destination, publish_all, publisher
from cli.import_rulings.receipts import RulingReceipts
from cli.import_rulings.source import source_lines
from shared.settings import KafkaSettings

_LISTED_AT_MOST: Final = 1_000


@dataclass(slots=True)
class Report:
    """The result of checking a file; `complaints` lists only the first thousand."""

    valid: Counter[str] = field(default_factory=Counter)
    repeated: int = 0
    invalid: int = 0
    complaints: list[Complaint] = field(default_factory=list)

    def complain(self, complaints: list[Complaint]) -> None:
        """Record an invalid line."""
        self.invalid += 1
        self.complaints += complaints[: _LISTED_AT_MOST - len(self.complaints)]


@dataclass(frozen=True, slots=True)
class Published:
    """How many events this run published, and how many an earlier one had."""

    now: int
    earlier: int


OnLine = Callable[[int], None]


def checked_lines(
    file: Path, today: date, report: Report, on_line: OnLine = lambda _number: None
) -> Iterator[Checked]:
    """Yield every valid line once; report invalid and repeated lines."""
    seen: dict[str, tuple[int, bytes]] = {}
    for line in source_lines(file):
        found = check(line, today)
        if isinstance(found, list):
            report.complain(found)
        elif found.event_id not in seen:
            seen[found.event_id] = (found.line, found.digest)
            report.valid[found.type] += 1
            yield found
        else:
            _report_repeat(found, *seen[found.event_id], report)
        on_line(line.number)


def _report_repeat(again: Checked, line: int, digest: bytes, report: Report) -> None:
    if digest == again.digest:
        report.repeated += 1
        return
    field, what = ("ruling_id", "ruling") if again.type == "CaseRuled" else ("", "completion")
    rule = f"the same {what} is in line {line} with other values: correct one of them."
    report.complain([Complaint(again.line, field, rule)])


def check_file(file: Path, today: date, on_line: OnLine) -> Report:
    """Check every line without publishing anything."""
    report = Report()
    for _ in checked_lines(file, today, report, on_line):
        pass
    return report


@dataclass(frozen=True, slots=True)
class Target:
    """Where to publish rulings, and where to record that.

    With `again`, rulings already published are published once more.
    """

    kafka: KafkaSettings
    receipts: Path
    give_up_after_seconds: float
    again: bool = False


def publish_file(
    file: Path, today: date, target: Target, on_published: Callable[[int], None]
) -> Published:
    """Publish every valid line that was not published yet.

    Raises `TransientError` if Kafka stays unreachable; a repeated call resumes from there.
    """
    return asyncio.run(_publish(file, today, target, on_published))


async def _publish(
    file: Path, today: date, target: Target, on_published: Callable[[int], None]
) -> Published:
    patience = Patience(target.give_up_after_seconds, lambda: on_published(0))
    count = Counter[bool]()

    def missing(receipts: RulingReceipts) -> Iterator[Checked]:
        for each in checked_lines(file, today, Report()):
            is_there = receipts.has(each) and not target.again
            count[is_there] += 1
            if is_there:
                on_published(1)
            else:
                yield each

    async with publisher(target.kafka, patience) as to_kafka:
        place = await patience.until_done(lambda: destination(target.kafka))
        receipts = RulingReceipts(target.receipts, place)
        with receipts.writing() as writer:
            await publish_all((to_kafka, patience), missing(receipts), writer, on_published)
    return Published(now=count[False], earlier=count[True])
