"""Records of transactions: applied once they are committed, and never if they are aborted."""

from tests.factories import a_record, a_submission
from tests.waiting import eventually_async

HELD = "cppp_held_by_transaction_seconds"


def a_transaction(scene) -> tuple[object, str]:
    """Begin a transaction with one application in it."""
    record = a_record(a_submission())
    transaction = scene.client.transaction()
    transaction.write(scene.input.name, record)
    return transaction, record.key.decode()


async def test_an_aborted_application_is_not_decided(scene):
    transaction, aborted = a_transaction(scene)
    transaction.abort()
    good = scene.submit()

    async with scene.consumer():
        await eventually_async(lambda: scene.decided() == [good])

    assert scene.stored == [good]
    assert aborted not in scene.stored


async def test_an_application_is_decided_when_its_transaction_is_committed_and_not_before(scene):
    transaction, application = a_transaction(scene)
    others = [scene.submit() for _ in range(20)]

    async with scene.consumer():
        await eventually_async(lambda: len(scene.stored) >= 1)  # those on the other partitions
        assert application not in scene.stored
        transaction.commit()
        await eventually_async(lambda: sorted(scene.stored) == sorted([application, *others]))


async def test_the_committed_offset_passes_markers_and_aborted_records(scene):
    """Otherwise the group would seem to lag behind records that nobody will ever get."""
    committed, application = a_transaction(scene)
    committed.commit()
    aborted, _ = a_transaction(scene)
    aborted.abort()

    async with scene.consumer():
        await eventually_async(lambda: scene.committed() == 4)

    assert scene.stored == [application]


async def test_a_transaction_that_hangs_is_reported_until_it_ends(scene):
    async with scene.consumer(open_transaction_seconds=0.5) as consumer:
        assert await consumer.is_free_of_transactions()
        transaction, application = a_transaction(scene)
        await eventually_async(consumer.is_free_of_transactions, holds=lambda is_free: not is_free)
        metric = {"service": scene.group, "group": scene.group, "topic": scene.input.name}
        assert scene.metrics.registry.get_sample_value(HELD, metric) > 0.5
        assert await consumer.is_progressing()

        transaction.commit()
        await eventually_async(lambda: scene.stored == [application])
        await eventually_async(consumer.is_free_of_transactions)
        assert scene.metrics.registry.get_sample_value(HELD, metric) == 0


async def test_a_process_that_a_transaction_holds_up_is_not_taken_for_a_stuck_one(scene):
    """The watchdog ends a process that has work and does nothing: this one has none."""
    a_transaction(scene)

    async with scene.consumer(open_transaction_seconds=0.5) as consumer:
        await eventually_async(consumer.is_free_of_transactions, holds=lambda is_free: not is_free)

        assert not [each for each in consumer._members if each.listener.has_work]  # noqa: SLF001
