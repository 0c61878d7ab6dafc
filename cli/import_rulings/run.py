"""One run over a file of rulings: checks every line, then publishes the valid ones."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from cli.import_rulings.check import Complaint, check
from cli.import_rulings.checked import Checked
from cli.import_rulings.kafka import destination, open_ruling_publisher
from cli.import_rulings.receipts import RulingReceipts
from cli.import_rulings.source import source_lines
from cli.retry_policy import RetryPolicy
from shared.settings import KafkaSettings

_LISTED_AT_MOST: Final = 1_000


@dataclass(slots=True)
class Report:
    """The result of checking a file; `complaints` lists only the first thousand.

    `repeated` names the first line of each line that repeats one.
    """

    valid: Counter[str] = field(default_factory=Counter)
    repeated: dict[int, int] = field(default_factory=dict)
    invalid: int = 0
    complaints: list[Complaint] = field(default_factory=list)

    def complain(self, complaints: list[Complaint]) -> None:
        """Record an invalid line."""
        self.invalid += 1
        self.complaints += complaints[: _LISTED_AT_MOST - len(self.complaints)]


@dataclass(frozen=True, slots=True)
class Published:
    """How many events this run published, and how many an earlier one had.

    `changed` are the lines that an earlier run published with other values: they are refused,
    because readers keep the first event of an id.
    """

    now: int
    earlier: int
    changed: Sequence[Complaint] = ()


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
            seen[found.event_id] = (found.line, found.content)
            report.valid[found.type] += 1
            yield found
        else:
            _report_repeat(found, *seen[found.event_id], report)
        on_line(line.number)


_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "CaseRuled": ("ruling_id", "ruling"),
    "ObjectionReceived": ("objection_id", "objection"),
    "ProjectCompleted": ("", "completion"),
}


def _changed(line: Checked) -> Complaint:
    """Return the complaint about a line that was published with other values."""
    field, what = _NAMES[line.type]
    correction = f" Give a correction a new {field}." if field else ""
    rule = f"Must have the values with which this {what} was published earlier.{correction}"
    return Complaint(line.line, field, rule)


def _report_repeat(again: Checked, line: int, content: bytes, report: Report) -> None:
    if content == again.content:
        report.repeated[again.line] = line
        return
    field, what = _NAMES[again.type]
    rule = f"Must have the values of line {line}, which is the same {what}: correct one of them."
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

    With `again`, rulings already published are published once more. With `skip_changed`, lines that
    have changed since an earlier run do not stop the others.
    """

    kafka: KafkaSettings
    receipts: Path
    give_up_after_seconds: float
    again: bool = False
    skip_changed: bool = False


def publish_file(
    file: Path, today: date, target: Target, on_published: Callable[[int], None]
) -> Published:
    """Publish every valid line that was not published yet; nothing if one has changed since.

    Raises `TransientError` if Kafka stays unreachable; a repeated call resumes from there.
    """
    return asyncio.run(_publish(file, today, target, on_published))


async def _publish(
    file: Path, today: date, target: Target, on_published: Callable[[int], None]
) -> Published:
    retries = RetryPolicy(target.give_up_after_seconds, lambda: on_published(0))
    count = Counter[bool]()

    async with open_ruling_publisher(target.kafka, retries) as publisher:
        place = await retries.until_done(lambda: destination(target.kafka))
        receipts = RulingReceipts(target.receipts, place)
        changed = {
            each.line: _changed(each)
            for each in checked_lines(file, today, Report())
            if receipts.has_other(each)
        }
        if changed and not target.skip_changed:
            return Published(0, 0, list(changed.values()))

        def missing() -> Iterator[Checked]:
            for each in checked_lines(file, today, Report()):
                if each.line in changed:
                    continue
                is_there = receipts.has(each) and not target.again
                count[is_there] += 1
                if is_there:
                    on_published(1)
                else:
                    yield each

        with receipts.writing() as writer:
            await publisher.publish_all(missing(), writer, on_published)
    return Published(count[False], count[True], list(changed.values()))
