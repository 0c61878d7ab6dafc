"""The fetch requests of a member of the group."""

import asyncio

from aiokafka import AIOKafkaConsumer
from aiokafka.client import AIOKafkaClient
from aiokafka.consumer.fetcher import Fetcher
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.group import HeartbeatRequest

from tests.waiting import eventually_async


async def test_a_member_at_rest_asks_twice_a_second_and_gets_a_record_at_once(scene, monkeypatch):
    fetches = noted(monkeypatch, FetchRequest)

    async with scene.consumer(subscribers=1):
        await eventually_async(lambda: len(fetches) > 2)
        assert asked_for(fetches) == {(500, 1)}
        submitted = scene.submit()
        await eventually_async(lambda: submitted in scene.stored)


async def test_after_a_record_the_broker_responds_soon(scene, monkeypatch):
    """With buffered records aiokafka fetches only the other partitions, and waits for the answer.

    By FastStream's defaults the broker may take half a second, while the buffer runs empty.
    """
    fetches = noted(monkeypatch, FetchRequest)

    async with scene.consumer(subscribers=1):
        scene.submit()
        await eventually_async(lambda: (50, 1) in asked_for(fetches))


async def test_records_that_arrive_one_by_one_are_handled_together(scene):
    """One look-up, write, publish and commit for what arrives within a moment."""
    async with scene.consumer(subscribers=1):
        submitted = [await asyncio.to_thread(scene.submit) for _ in range(200)]
        await eventually_async(lambda: set(submitted) <= set(scene.stored))

    assert scene.batches() < len(submitted) / 4


async def test_an_idle_member_neither_polls_repeatedly_nor_sleeps(scene, monkeypatch):
    """FastStream alone would poll repeatedly, and sleep after each empty poll."""
    fetches, polls = noted(monkeypatch, FetchRequest), noted_polls(monkeypatch)

    async with scene.consumer(subscribers=1):
        await eventually_async(lambda: len(fetches) > 6)
        assert 1 <= len(polls) < 6
        submitted = scene.submit()
        await eventually_async(lambda: submitted in scene.stored)


async def test_a_member_at_rest_sends_six_heartbeats_in_a_session(scene, monkeypatch):
    """More of them cost the broker as much as all fetches at rest."""
    fetches = noted(monkeypatch, FetchRequest)
    heartbeats = noted(monkeypatch, HeartbeatRequest)

    async with scene.consumer(subscribers=1):  # of 6 s, with two fetches a second
        await eventually_async(lambda: len(heartbeats) > 3)

    assert len(fetches) > 5


async def test_a_member_at_rest_looks_only_when_a_fetch_is_answered(scene, monkeypatch):
    """aiokafka alone would look five times a second."""
    fetches, looks = noted(monkeypatch, FetchRequest), noted_looks(monkeypatch)

    async with scene.consumer(subscribers=1):
        await eventually_async(lambda: len(fetches) > 3)
        first_looks, first_fetches = len(looks), len(fetches)
        await eventually_async(lambda: len(fetches) >= first_fetches + 4)

    assert len(looks) - first_looks <= len(fetches) - first_fetches + 2


def asked_for(fetches) -> set[tuple[int, int]]:
    """Return how long the broker may wait, and for how many bytes."""
    return {(each._max_wait_ms, each._min_bytes) for each in fetches}  # noqa: SLF001  # no other way


def noted(monkeypatch, kind) -> list:
    """Records every request of a kind."""
    requests, send = [], AIOKafkaClient.send

    async def noting(client, node, request, **options):
        if isinstance(request, kind):
            requests.append(request)
        return await send(client, node, request, **options)

    monkeypatch.setattr(AIOKafkaClient, "send", noting)
    return requests


def noted_looks(monkeypatch) -> list[Fetcher]:
    """Records every time that aiokafka looks what there is to fetch."""
    looks, look = [], Fetcher._get_actions_per_node  # noqa: SLF001  # no other way

    def noting(fetcher, assignment):
        looks.append(fetcher)
        return look(fetcher, assignment)

    monkeypatch.setattr(Fetcher, "_get_actions_per_node", noting)
    return looks


def noted_polls(monkeypatch) -> list[AIOKafkaConsumer]:
    """Records every poll."""
    polls, getmany = [], AIOKafkaConsumer.getmany

    async def noting(consumer, *partitions, **options):
        polls.append(consumer)
        return await getmany(consumer, *partitions, **options)

    monkeypatch.setattr(AIOKafkaConsumer, "getmany", noting)
    return polls
