"""The fetch requests of a member of the group."""

from aiokafka import AIOKafkaConsumer
from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.fetch import FetchRequest

from tests.waiting import eventually_async


async def test_a_broker_without_new_records_responds_soon(scene, monkeypatch):
    """With buffered records aiokafka fetches only the other partitions, and waits for the answer.

    By FastStream's defaults the broker may take half a second, while the buffer runs empty.
    """
    fetches = noted_fetches(monkeypatch)

    async with scene.consumer(subscribers=1):
        await eventually_async(lambda: len(fetches) > 2)

    assert all(0 < each._max_wait_ms <= 100 for each in fetches)  # noqa: SLF001  # no other way


async def test_an_idle_member_neither_polls_repeatedly_nor_sleeps(scene, monkeypatch):
    """FastStream alone would poll repeatedly, and sleep after each empty poll."""
    fetches, polls = noted_fetches(monkeypatch), noted_polls(monkeypatch)

    async with scene.consumer(subscribers=1):
        await eventually_async(lambda: len(fetches) > 20)
        assert 1 <= len(polls) < 10
        submitted = scene.submit()
        await eventually_async(lambda: submitted in scene.stored)


def noted_fetches(monkeypatch) -> list[FetchRequest]:
    """Records every fetch request."""
    fetches, send = [], AIOKafkaClient.send

    async def noting(client, node, request, **options):
        if isinstance(request, FetchRequest):
            fetches.append(request)
        return await send(client, node, request, **options)

    monkeypatch.setattr(AIOKafkaClient, "send", noting)
    return fetches


def noted_polls(monkeypatch) -> list[AIOKafkaConsumer]:
    """Records every poll."""
    polls, getmany = [], AIOKafkaConsumer.getmany

    async def noting(consumer, *partitions, **options):
        polls.append(consumer)
        return await getmany(consumer, *partitions, **options)

    monkeypatch.setattr(AIOKafkaConsumer, "getmany", noting)
    return polls
