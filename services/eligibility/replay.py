"""Decide stored applications again under a candidate programme, and print what would change.

`python -m services.eligibility.replay candidate.toml`: reads the topics, changes nothing.
"""

import sys
import time
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
import uvloop

from services.eligibility.handlers import PARSERS
from services.eligibility.rule_set import rule_set_of
from services.eligibility.rules.comparison import Comparison, ReplayPeriod
from services.eligibility.rules.programme import Programme, load_programme
from services.eligibility.rules.repeat import Completion
from services.eligibility.settings import EligibilitySettings
from shared.consumer.parsing import parse_all
from shared.errors import SetupError, TransientError
from shared.events.casework import RULINGS, ProjectCompleted
from shared.events.intake import APPLICATIONS, ApplicationSubmitted
from shared.identifiers import factory_key
from shared.kafka.reader import read_topic
from shared.kafka.record import KafkaRecord
from shared.service.memory import tune_garbage_collection
from shared.settings import KafkaSettings

_NEEDS_VERSION: Final = (
    "The candidate has other terms under the version of the current programme. Must have a new "
    "version before a service is started with it: no service decides by it otherwise."
)


def replay(
    candidate: Annotated[Path, typer.Argument(help="The programme file to try.")],
    first: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"])] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"])] = None,
) -> None:
    """Decide stored applications again under a candidate programme; print what would change.

    --from and --to are Hong Kong days of receipt, both included. Nothing is published or stored.
    """
    period = ReplayPeriod(first.date() if first else date.min, last.date() if last else date.max)
    started = time.perf_counter()
    tune_garbage_collection()
    try:
        comparison = uvloop.run(_compare(_programme(candidate), period))
    except TransientError:
        sys.exit("Kafka cannot be reached: check KAFKA_BOOTSTRAP_SERVERS.")
    typer.echo(comparison.report(), nl=False)
    seconds = time.perf_counter() - started
    rate = comparison.compared / seconds
    typer.echo(f"{comparison.compared} in {seconds:.1f} s, {rate:,.0f} a second", err=True)
    if _needs_version(comparison.candidate, comparison.current):
        typer.echo(_NEEDS_VERSION, err=True)


def _needs_version(candidate: Programme, current: Programme) -> bool:
    """Return whether a candidate has other terms under the version that is in force."""
    has_other_terms = rule_set_of(candidate).stated_hash != rule_set_of(current).stated_hash
    return candidate.version == current.version and has_other_terms


def _programme(file: Path | None) -> Programme:
    try:
        return load_programme(file)
    except SetupError as error:
        sys.exit(str(error))


async def _compare(candidate: Programme, period: ReplayPeriod) -> Comparison:
    current = _programme(EligibilitySettings().programme_file)
    comparison = Comparison(current, candidate, await _completions(), period)
    async for records in read_topic(KafkaSettings(), APPLICATIONS):
        for data in _read(records):
            if isinstance(data, ApplicationSubmitted):
                comparison.add(data)
    return comparison


async def _completions() -> dict[str, tuple[Completion, ...]]:
    found: dict[str, tuple[Completion, ...]] = {}
    async for records in read_topic(KafkaSettings(), RULINGS):
        for data in _read(records):
            if isinstance(data, ProjectCompleted) and data.stream == "assessment":
                _add(found, data)
    return found


def _read(records: Iterable[KafkaRecord]) -> Iterable[Any]:
    return (event.data for event in parse_all(records, PARSERS).events)


def _add(completions: dict[str, tuple[Completion, ...]], data: ProjectCompleted) -> None:
    completion = Completion(data.completed_on, data.report_approved, data.recommended_measures)
    factory = factory_key(data.factory_registration_number)
    known = {*completions.get(factory, ()), completion}
    completions[factory] = tuple(sorted(known, key=lambda each: each.completed_on))


if __name__ == "__main__":
    typer.run(replay)
