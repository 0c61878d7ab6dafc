"""The lag of groups on the real broker: records of known age, and what makes offsets differ."""

import asyncio
import time

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.record.memory_records import MemoryRecords
from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME

from shared.errors import TransientError
from shared.lag import heads
from shared.lag.reader import LagReader
from shared.settings import KafkaSettings
from tests.shared.faulty import FaultyCluster
from tests.shared.lag.scene import a_record_written_at
from tests.waiting import DEADLINE_SECONDS, eventually, eventually_async

T = 1_700_000_000.0  # when the tests' records say that they were written


async def test_lag_counts_from_the_first_record_that_is_not_committed(scene):
    await scene.create()
    scene.write(T, T + 10, T + 20)
    scene.commit(1)

    row = await scene.row()

    assert (row.topic, row.partition, row.committed, row.records) == (scene.topic, 0, 1, 2)
    assert row.written == T + 10
    assert row.seconds(T + 70) == 60


async def test_lag_grows_with_the_clock_while_nobody_writes_or_commits(scene):
    await scene.create()
    scene.write(T)
    scene.commit(0)

    row = await scene.row()

    assert row.seconds(T + 3600) == row.seconds(T + 1800) + 1800


async def test_a_group_that_has_committed_everything_has_no_lag(scene):
    await scene.create()
    scene.write(T)
    scene.commit(1)

    row = await scene.row()

    assert (row.records, row.seconds(T + 999)) == (0, 0)


async def test_a_clock_that_is_ahead_makes_no_negative_lag(scene):
    await scene.create()
    scene.write(T)
    scene.commit(0)

    assert (await scene.row()).seconds(T - 5) == 0


async def test_a_group_that_has_not_moved_costs_no_reading(scene):
    await scene.create()
    scene.write(T, T)
    scene.commit(0)
    await scene.row()

    costs = [await cost(scene) for _ in range(2)]
    scene.commit(1)
    moved = await cost(scene)

    assert costs[0] == costs[1] == moved - 1


async def cost(scene):
    before = scene.reader.requests
    await scene.row()
    return scene.reader.requests - before


async def test_deleted_records_do_not_count(scene):
    await scene.create()
    scene.write(T, T + 10, T + 20)
    scene.commit(0)
    scene.client.delete_before(scene.topic, 2)

    row = await scene.row()

    assert (row.committed, row.records, row.written) == (0, 1, T + 20)


async def test_compacted_records_are_passed_over(scene):
    await scene.create(compacted=True)
    settings = {"min.cleanable.dirty.ratio": "0.0", "segment.ms": "1", "max.compaction.lag.ms": "1"}
    scene.client.configure(scene.topic, settings)
    scene.write(T, T + 10, key=b"same")
    scene.commit(0)

    def compacted():
        scene.write(T + 20, key=b"other")  # which begins a segment: the last one is not compacted
        return scene.client.read(scene.topic)[0].offset() == 1

    eventually(compacted, within_seconds=60)
    row = await scene.row()

    assert (row.committed, row.written) == (0, T + 10)
    assert row.records == scene.client.end(scene.topic) - 1


async def test_markers_of_transactions_are_no_lag(scene):
    await scene.create()
    in_transaction(scene, T, T)
    scene.commit(2)  # behind the records, before the marker

    row = await scene.row()

    assert (row.records, row.seconds(T + 60)) == (0, 0)
    scene.write(T + 5)
    assert (await scene.row()).written == T + 5


def in_transaction(scene, *times, commit=True):
    transaction = scene.client.transaction()
    for each in times:
        transaction.write(scene.topic, a_record_written_at(each))
    transaction.commit() if commit else transaction.abort()


async def test_aborted_records_are_no_lag(scene):
    await scene.create()
    in_transaction(scene, T, T, T, commit=False)
    scene.commit(0)

    assert (await scene.row()).records == 0

    in_transaction(scene, T + 10)
    row = await scene.row()
    assert (row.written, row.seconds(T + 20)) == (T + 10, 10)


async def test_records_behind_an_open_transaction_are_no_lag_until_it_ends(scene):
    await scene.create()
    scene.write(T)
    transaction = scene.client.transaction()
    transaction.write(scene.topic, a_record_written_at(T + 1))
    scene.write(T + 2)
    scene.commit(1)

    assert (await scene.row()).records == 0

    transaction.commit()
    row = await scene.row()
    assert (row.records, row.written) == (3, T + 1)


async def test_a_member_that_has_committed_nothing_is_behind_from_the_beginning(scene, infra):
    await scene.create()
    scene.write(T, T)
    async with a_member(scene, infra):
        row = await scene.row()
        assert (row.committed, row.records, row.written) == (None, 2, T)
        assert await members(scene) == 1

    await eventually_async(lambda: members(scene), holds=lambda found: found == 0)


def a_member(scene, infra):
    return AIOKafkaConsumer(
        scene.topic,
        bootstrap_servers=infra.kafka_bootstrap_servers,
        group_id=scene.group,
        enable_auto_commit=False,
    )


async def members(scene):
    found = {each.name: each.members for each in (await scene.reader.read()).groups}
    return found.get(scene.group, 0)


async def test_a_group_without_members_keeps_its_lag(scene):
    await scene.create()
    scene.write(T)
    scene.commit(0)

    assert await members(scene) == 0
    assert (await scene.row()).seconds(T + 60) == 60


async def test_a_group_that_was_never_there_is_behind_on_what_it_should_read(scene):
    await scene.create()
    scene.write(T, T)
    reader = LagReader(scene.settings, {scene.group: [scene.topic, "nobody.made.v1"]})

    lags = await reader.read()
    await reader.close()

    [row] = lags.by_group()[scene.group]
    assert (row.committed, row.records, row.written) == (None, 2, T)


async def test_a_service_that_kafka_has_forgotten_is_known_by_its_dead_letter_topic(scene):
    scene.topic = f"{scene.group}.dead-letters.v1"
    await scene.create()

    lags = await scene.reader.read()

    [group] = [each for each in lags.groups if each.name == scene.group]
    assert (group.members, group.registered) == (0, True)
    assert lags.by_group()[scene.group] == []


async def test_a_group_that_comes_and_goes_is_no_service(scene):
    await scene.create()
    scene.write(T)
    scene.commit(0)

    lags = await scene.reader.read()

    [group] = [each for each in lags.groups if each.name == scene.group]
    assert (group.members, group.registered) == (0, False)


async def test_a_topic_that_appears_later_is_there_at_the_next_look(scene):
    await scene.reader.read()
    await scene.create()
    scene.write(T)
    scene.commit(0)

    assert (await scene.row()).written == T


async def test_a_topic_that_is_made_anew_is_read_anew(scene):
    await scene.create()
    scene.write(T, T)
    scene.commit(1)
    await scene.row()
    scene.client.delete_topic(scene.topic)
    await eventually_async(scene.rows, holds=lambda rows: not rows)
    await scene.create()
    scene.write(T + 50, T + 60)
    scene.commit(1)

    assert (await scene.row()).written == T + 60


async def test_several_groups_on_many_partitions_with_large_batches_have_each_their_own(scene):
    """More than one answer holds, at different places of the same partitions."""
    await scene.create(partitions=4)
    for number in range(40):
        scene.write(T + number, key=str(number).encode(), value=b"x" * 200_000)
    other = f"{scene.group}-2"
    for partition in range(4):
        scene.commit(0, partition)
        scene.client.commit(other, scene.topic, {partition: (2, "")})

    lags = (await scene.reader.read()).by_group()

    first = {row.partition: row.written for row in lags[scene.group]}
    third = {row.partition: row.written for row in lags[other]}
    for each in scene.client.read(scene.topic):
        written = {0: first, 2: third}.get(each.offset(), {}).get(each.partition())
        assert written in (None, T + int(each.key()))
    assert None not in {*first.values(), *third.values()}


async def test_a_record_without_the_header_is_as_old_as_its_timestamp(scene):
    await scene.create()
    scene.client.write(scene.topic, b"v", timestamp_ms=int(T * 1000))
    scene.commit(0)

    assert (await scene.row()).written == T


@pytest.mark.parametrize("header", [None, b"", b"yesterday", b"\xff"])
async def test_a_record_that_was_seen_to_arrive_is_not_older_than_that(scene, header):
    await scene.create()
    scene.write(T)
    scene.commit(0)
    before = time.time()
    await scene.row()

    headers = [("ce_recordedtime", header)]
    scene.client.write(scene.topic, b"v", headers, timestamp_ms=int(T * 1000))
    scene.commit(1)

    assert before <= (await scene.row()).written <= time.time()


async def test_the_broker_s_time_counts_where_it_stamps_records(scene):
    await scene.create()
    scene.client.configure(scene.topic, {"message.timestamp.type": "LogAppendTime"})
    before = time.time()

    def last_is_stamped():  # the broker goes by a setting a moment after it has taken it
        scene.write(T)
        return scene.client.read(scene.topic)[-1].timestamp()[0] == TIMESTAMP_LOG_APPEND_TIME

    eventually(last_is_stamped)
    scene.commit(scene.client.end(scene.topic) - 1)

    assert before - 1 <= (await scene.row()).written <= time.time() + 1


async def test_a_batch_that_is_damaged_leaves_the_other_lags_known(scene, monkeypatch):
    """Also that of another group on the same partition."""
    await scene.create()
    scene.write(T)
    scene.write(T + 10)
    other = f"{scene.group}-2"
    scene.commit(0)
    scene.client.commit(other, scene.topic, {0: (1, "")})
    monkeypatch.setattr(heads, "MemoryRecords", damaged_at_the_beginning)

    lags = (await scene.reader.read()).by_group()

    assert [(row.records, row.written) for row in lags[scene.group]] == [(2, None)]
    assert [(row.records, row.written) for row in lags[other]] == [(1, T + 10)]


def damaged_at_the_beginning(batches):
    """Change a byte in answers that begin with a batch at offset 0."""
    if int.from_bytes(batches[:8], "big") == 0:
        batches = batches[:65] + bytes([batches[65] ^ 1]) + batches[66:]
    return MemoryRecords(batches)


async def test_without_kafka_it_says_so():
    cluster = FaultyCluster("any")
    reader = LagReader(KafkaSettings(bootstrap_servers=cluster.address))
    cluster.stop()

    async with asyncio.timeout(DEADLINE_SECONDS):
        with pytest.raises(TransientError):
            await reader.read()
    await reader.close()
