"""Partitions that somebody has added to a topic: no record on them is missed."""

from functools import partial

from shared.consumer import subscriber
from tests.factories import a_record, a_submission
from tests.kafka import KafkaClient
from tests.waiting import eventually_async

PARTITIONS = 9  # three times as many as before


def submitted(scene, count):
    """Write records under keys of their own to all partitions; return what must be stored."""
    records = [a_record(a_submission()) for _ in range(count)]
    client = KafkaClient(scene.kafka.bootstrap_servers)  # that knows of every partition
    for each in records:
        client.write(scene.input.name, each.value, each.headers, each.key)
    return {each.key.decode() for each in records}


async def test_partitions_added_to_a_topic_are_read_by_a_consumer_that_runs(scene, monkeypatch):
    soon = partial(subscriber.Broker, metadata_max_age_ms=500)  # instead of five minutes
    monkeypatch.setattr(subscriber, "Broker", soon)
    async with scene.consumer():
        expected = submitted(scene, 5)
        await eventually_async(lambda: set(scene.stored) == expected)

        scene.client.add_partitions(scene.input.name, PARTITIONS)
        expected |= submitted(scene, 4 * PARTITIONS)
        await eventually_async(lambda: set(scene.stored) == expected)

    assert scene.committed() == len(expected)
    assert max(scene.client.commits(scene.group, scene.input.name)) >= 3


async def test_partitions_added_while_no_consumer_runs_are_read_from_the_beginning(scene):
    async with scene.consumer():
        expected = submitted(scene, 5)
        await eventually_async(lambda: set(scene.stored) == expected)
    scene.client.add_partitions(scene.input.name, PARTITIONS)
    expected |= submitted(scene, 4 * PARTITIONS)

    async with scene.consumer():
        await eventually_async(lambda: set(scene.stored) == expected)

    assert len(scene.stored) == len(expected)
