"""What a member of the group asks Kafka for, and when."""

import asyncio

from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.fetch import FetchRequest
from faststream.kafka.subscriber.usecase import BatchSubscriber

from tests.shared.scene import until


async def test_partitions_without_records_do_not_keep_a_backlog_waiting(scene, monkeypatch):
    """With records in hand aiokafka asks for the other partitions alone, and waits for the answer.

    FastStream polls about every 10 ms, and by its defaults the broker may take half a second.
    """
    fetch, keep = noted_fetches(monkeypatch), scene.keep
    empty_polls = counted_empty_polls(monkeypatch, lambda: 0 < len(scene.kept) < 30)

    async def keep_once_others_are_asked_for(proposals):
        if not scene.kept:
            await asyncio.to_thread(scene.submit_to_one_partition, 10)
            fetch.clear()
            await fetch.wait()
        return await keep(proposals)

    scene.keep = keep_once_others_are_asked_for
    scene.submit_to_one_partition(20)
    async with scene.consumer(subscribers=1, batch_records=10):
        await until(lambda: scene.committed() == 30)

    assert len(empty_polls) < 20


def noted_fetches(monkeypatch) -> asyncio.Event:
    """Set at every fetch."""
    fetch, send = asyncio.Event(), AIOKafkaClient.send

    async def noting(client, node, request, **options):
        if isinstance(request, FetchRequest):
            fetch.set()
        return await send(client, node, request, **options)

    monkeypatch.setattr(AIOKafkaClient, "send", noting)
    return fetch


def counted_empty_polls(monkeypatch, counts) -> list[BatchSubscriber]:
    """One for each poll that got nothing while `counts` held."""
    empty_polls, get_msg = [], BatchSubscriber.get_msg

    async def counting(subscriber, consumer):
        records = await get_msg(subscriber, consumer)
        if not records and counts():
            empty_polls.append(subscriber)
        return records

    monkeypatch.setattr(BatchSubscriber, "get_msg", counting)
    return empty_polls
