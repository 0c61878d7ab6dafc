"""Reads what Kafka has about one application: its records, and how far its readers are."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from cli.api_docs.catalogue import event_types, readers
from cli.trace.path import Path, path_of
from cli.trace.step import Step, step_of
from shared.events.casework import RULINGS
from shared.events.envelope import Topic, dead_letter_topic, redrive_topic
from shared.events.intake import APPLICATIONS
from shared.kafka.admin import open_admin
from shared.kafka.reader import read_topics
from shared.settings import KafkaSettings

_CLOCKS_DIFFER: Final = timedelta(hours=1)  # between the machines of the services, at most


async def read_path(
    settings: KafkaSettings, application_id: str, since: datetime | None
) -> Path | None:
    """Read the path of an application, or None if no topic has a record about it.

    Reads the topic of applications from `since` on, and others from the first record found there,
    but all of those whose records may be older by their timestamps: imported rulings, and what is
    redriven. Raises `TransientError` if Kafka cannot be reached.
    """
    key = application_id.encode()
    steps = [each async for each in _steps(settings, [APPLICATIONS], key, since)]
    if steps:
        since = min(each.at for each in steps) - _CLOCKS_DIFFER
    steps += [each async for each in _steps(settings, _topics_since_then(), key, since)]
    older = [RULINGS, *(redrive_topic(each) for each in readers())]
    steps += [each async for each in _steps(settings, older, key, None)]
    if not steps:
        return None
    return path_of(steps, _reading_groups(), await _committed(settings))


def _topics_since_then() -> Sequence[Topic]:
    about_applications = (each for each in event_types() if each.is_about_application)
    of_events = dict.fromkeys(each.topic for each in about_applications)
    of_dead_letters = [dead_letter_topic(each) for each in readers()]
    return [each for each in (*of_events, *of_dead_letters) if each not in {APPLICATIONS, RULINGS}]


async def _steps(
    settings: KafkaSettings, topics: Sequence[Topic], key: bytes, since: datetime | None
) -> AsyncIterator[Step]:
    async for records in read_topics(settings, topics, since):
        for record in records:
            if record.key == key:
                yield step_of(record)


def _reading_groups() -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for name, reader in readers().items():
        for topic in (*reader.topics, redrive_topic(name)):
            groups.setdefault(topic.name, []).append(name)
    return groups


async def _committed(settings: KafkaSettings) -> Mapping[tuple[str, str, int], int]:
    async with open_admin(settings) as admin:
        found = {each: await admin.list_consumer_group_offsets(each) for each in readers()}
    return {
        (group, *partition): committed.offset
        for group, offsets in found.items()
        for partition, committed in offsets.items()
    }
