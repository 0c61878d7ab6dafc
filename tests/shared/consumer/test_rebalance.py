"""What happens to a running batch when its partitions are revoked."""

import asyncio

from aiokafka import TopicPartition

from shared.consumer.rebalance import Gate

PARTITIONS = {TopicPartition("t", 0), TopicPartition("t", 1)}


async def test_revocation_waits_for_the_running_batch():
    gate = Gate(drain_seconds=30)
    with gate.batch() as batch:
        revocation = asyncio.create_task(gate.on_partitions_revoked(PARTITIONS))
        await asyncio.wait([revocation], timeout=0.05)
        waited = not revocation.done()
    await revocation

    assert waited
    assert not batch.fenced


async def test_a_batch_that_outlasts_the_drain_is_fenced():
    gate = Gate(drain_seconds=0.01)
    with gate.batch() as batch:
        await gate.on_partitions_revoked(PARTITIONS)

        assert batch.fenced


async def test_a_batch_that_waits_for_a_dependency_gives_up_when_its_partitions_go():
    gate = Gate(drain_seconds=30)

    async def handle() -> bool:
        with gate.batch() as batch:
            await batch.giving_up.wait()
            return batch.fenced

    handling = asyncio.create_task(handle())
    await asyncio.wait([handling], timeout=0.01)
    await asyncio.wait_for(gate.on_partitions_revoked(PARTITIONS), 5)

    assert await handling is False


async def test_a_batch_after_the_fence_is_free():
    gate = Gate(drain_seconds=0.01)
    with gate.batch():
        await gate.on_partitions_revoked(PARTITIONS)
    await gate.on_partitions_assigned(PARTITIONS)

    with gate.batch() as batch:
        assert not batch.fenced
        assert not batch.giving_up.is_set()


async def test_closing_ends_the_waiting_but_lets_a_batch_commit():
    gate = Gate(drain_seconds=30)
    with gate.batch() as batch:
        await gate.close()

        assert batch.giving_up.is_set()
        assert not batch.fenced


async def test_the_gate_knows_how_many_partitions_it_holds():
    gate = Gate(drain_seconds=1)
    before = gate.assigned
    await gate.on_partitions_assigned(PARTITIONS)
    held = gate.assigned
    await gate.on_partitions_revoked(PARTITIONS)

    assert (before, held, gate.assigned) == (None, 2, 0)
