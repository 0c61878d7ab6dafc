"""What happens to a running batch when its partitions are revoked."""

import asyncio

from aiokafka import TopicPartition

from shared.consumer.rebalance import RebalanceListener
from tests.waiting import DEADLINE_SECONDS

PARTITIONS = {TopicPartition("t", 0), TopicPartition("t", 1)}


async def test_revocation_waits_for_the_running_batch():
    listener = RebalanceListener(drain_seconds=30)
    with listener.batch() as batch:
        revocation = asyncio.create_task(listener.on_partitions_revoked(PARTITIONS))
        await asyncio.wait([revocation], timeout=0.05)
        waited = not revocation.done()
    await revocation

    assert waited
    assert not batch.fenced


async def test_a_batch_that_outlasts_the_drain_is_fenced():
    listener = RebalanceListener(drain_seconds=0.01)
    with listener.batch() as batch:
        await listener.on_partitions_revoked(PARTITIONS)

        assert batch.fenced


async def test_a_batch_that_waits_for_a_dependency_is_cancelled_when_its_partitions_are_revoked():
    listener = RebalanceListener(drain_seconds=30)

    async def handle() -> bool:
        with listener.batch() as batch:
            await batch.cancelled.wait()
            return batch.fenced

    handling = asyncio.create_task(handle())
    await asyncio.wait([handling], timeout=0.01)
    await asyncio.wait_for(listener.on_partitions_revoked(PARTITIONS), DEADLINE_SECONDS)

    assert await handling is False


async def test_a_batch_after_the_fence_is_not_fenced():
    listener = RebalanceListener(drain_seconds=0.01)
    with listener.batch():
        await listener.on_partitions_revoked(PARTITIONS)
    await listener.on_partitions_assigned(PARTITIONS)

    with listener.batch() as batch:
        assert not batch.fenced
        assert not batch.cancelled.is_set()


async def test_closing_cancels_a_wait_but_lets_a_batch_commit():
    listener = RebalanceListener(drain_seconds=30)
    with listener.batch() as batch:
        await listener.close()

        assert batch.cancelled.is_set()
        assert not batch.fenced


async def test_the_listener_knows_how_many_partitions_are_assigned():
    listener = RebalanceListener(drain_seconds=1)
    before = listener.assigned
    await listener.on_partitions_assigned(PARTITIONS)
    held = listener.assigned
    await listener.on_partitions_revoked(PARTITIONS)

    assert (before, held, listener.assigned) == (None, 2, 0)
