"""What a member of the group asks Kafka for, and when."""

from aiokafka import AIOKafkaConsumer
from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.fetch import FetchRequest

from tests.shared.scene import until


async def test_a_broker_without_new_records_answers_soon(scene, monkeypatch):
    """With records in hand aiokafka asks for the other partitions alone, and waits for the answer.

    By FastStream's defaults the broker may take half a second, while what is in hand runs out.
    """
    fetches = noted_fetches(monkeypatch)

    async with scene.consumer(subscribers=1):
        await until(lambda: len(fetches) > 2)

    assert all(0 < each._max_wait_ms <= 100 for each in fetches)  # noqa: SLF001  # no other way


async def test_a_member_without_records_waits_for_kafka_alone(scene, monkeypatch):
    """FastStream would poll again and again meanwhile, and sleep after each poll."""
    fetches, polls = noted_fetches(monkeypatch), noted_polls(monkeypatch)

    async with scene.consumer(subscribers=1):
        await until(lambda: len(fetches) > 20)
        assert 1 <= len(polls) < 10
        submitted = scene.submit()
        await until(lambda: submitted in scene.kept)


def noted_fetches(monkeypatch) -> list[FetchRequest]:
    """What brokers are asked for, request by request."""
    fetches, send = [], AIOKafkaClient.send

    async def noting(client, node, request, **options):
        if isinstance(request, FetchRequest):
            fetches.append(request)
        return await send(client, node, request, **options)

    monkeypatch.setattr(AIOKafkaClient, "send", noting)
    return fetches


def noted_polls(monkeypatch) -> list[AIOKafkaConsumer]:
    """Who has asked aiokafka for records, each time."""
    polls, getmany = [], AIOKafkaConsumer.getmany

    async def noting(consumer, *partitions, **options):
        polls.append(consumer)
        return await getmany(consumer, *partitions, **options)

    monkeypatch.setattr(AIOKafkaConsumer, "getmany", noting)
    return polls
