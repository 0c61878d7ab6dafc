"""`cppp lag`: show how far behind every consumer group is, in records and in seconds."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Annotated

import typer

from cli.api_docs.catalogue import readers
from cli.errors import exit_with_message
from cli.kafka_option import DEFAULT_KAFKA, KafkaOption, kafka_settings, unreachable
from cli.lag.display import show, to_json
from shared.errors import TransientError
from shared.lag.model import Lags
from shared.lag.reader import LagReader
from shared.settings import KafkaSettings


def lag(
    *,
    group: Annotated[list[str] | None, typer.Option(help="Only this group; repeatable.")] = None,
    partitions: Annotated[bool, typer.Option(help="A line for each partition.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, by partition.")] = False,
    kafka: KafkaOption = DEFAULT_KAFKA,
) -> None:
    """Show how far behind every consumer group is, in records and in seconds.

    Seconds are the age of the first record that the group has not committed.
    """
    # The client logs each of its own retries; one line is enough.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    try:
        lags = asyncio.run(_read(kafka_settings(kafka)))
    except TransientError:
        exit_with_message(unreachable(kafka))
    chosen = _chosen(lags, group or ())
    if as_json:
        print(to_json(chosen))
    else:
        show(chosen, by_partition=partitions)


async def _read(settings: KafkaSettings) -> Lags:
    """Read the lags, also those of services that have never run here."""
    expected = {name: [each.name for each in found.topics] for name, found in readers().items()}
    reader = LagReader(settings, expected)
    try:
        return await reader.read()
    finally:
        await reader.close()


def _chosen(lags: Lags, names: Sequence[str]) -> Lags:
    known = {each.name for each in lags.groups}
    if unknown := sorted({*names} - known):
        exit_with_message(
            f"There is no group {unknown[0]}. Must be one of: {', '.join(sorted(known)) or 'none'}."
        )
    if not names:
        return lags
    return Lags(
        lags.at,
        [each for each in lags.groups if each.name in names],
        [each for each in lags.partitions if each.group in names],
        lags.ranges,
    )
