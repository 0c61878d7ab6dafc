"""Dead letters are counted from the topics that `cppp dead-letters` and services write."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from services.operations.dead_letters import counting
from services.operations.dead_letters.counting import DeadLetterCounts
from services.operations.dead_letters.letters import Count
from services.operations.dead_letters.metrics import DeadLetterMetrics
from services.operations.dead_letters.topics import DeadLetterTopics
from shared.clock import utc_now
from shared.errors import TransientError
from shared.kafka.topics import provide_topics
from shared.metrics import Metrics
from shared.settings import KafkaSettings
from tests.dead_letters import DeadLetterFixture
from tests.factories import a_record, a_submission
from tests.waiting import eventually_async

HOURS_OLD = timedelta(hours=5)


@pytest.fixture
def letters(infra):
    return DeadLetterFixture(infra.kafka_bootstrap_servers)


@pytest.fixture
def silent(infra):
    return DeadLetterFixture(infra.kafka_bootstrap_servers)


@asynccontextmanager
async def counting_at(servers):
    counts = DeadLetterCounts(KafkaSettings(bootstrap_servers=servers))
    try:
        yield counts
    finally:
        await counts.close()


async def counted(counts, letters, reason="malformed"):
    assert await counts.refresh()
    return counts.groups[letters.group][reason]


async def command(letters, *arguments):
    said = await asyncio.to_thread(letters.run, *arguments, "--execute")
    assert said.code == 0, said.err


async def test_what_was_redriven_or_parked_is_subtracted(letters):
    ids = [await asyncio.to_thread(letters.dead_letter) for _ in range(3)]
    async with counting_at(letters.servers) as counts:
        assert (await counted(counts, letters)).open == 3

        await command(letters, "redrive", ids[0])
        await command(letters, "park", ids[1], "--because", "a test")

        now = await counted(counts, letters)
        assert (now.open, now.redriven, now.parked) == (1, 1, 1)


async def test_only_what_is_new_is_read_again(letters, monkeypatch):
    await asyncio.to_thread(letters.dead_letter)
    read = []
    real = counting.read_between

    def observed(settings, positions, ends):
        read.append((dict(positions), dict(ends)))
        return real(settings, positions, ends)

    monkeypatch.setattr(counting, "read_between", observed)
    async with counting_at(letters.servers) as counts:
        await counted(counts, letters)
        read.clear()

        await counted(counts, letters)
        assert read == []

        await asyncio.to_thread(letters.dead_letter, reason="invalid")
        assert (await counted(counts, letters, "invalid")).open == 1
        [(positions, ends)] = read
        assert {each.topic for each in positions} == {letters.letters.name}
        assert sum(ends.values()) - sum(positions.values()) == 1


async def test_what_was_read_before_an_interruption_is_not_read_again(letters, monkeypatch):
    await asyncio.to_thread(letters.write_many, 3)
    begun = []
    real = counting.read_between

    async def interrupted(settings, positions, ends):
        is_ours = {each.topic for each in positions} == {letters.letters.name}
        if is_ours:
            begun.append(sum(positions.values()))
        async for records in real(settings, positions, ends):
            yield records[:1] if is_ours else records
            if is_ours:
                raise TransientError

    monkeypatch.setattr(counting, "read_between", interrupted)
    async with counting_at(letters.servers) as counts:
        for _ in range(3):
            assert not await counts.refresh()
        monkeypatch.undo()

        assert (await counted(counts, letters)).open == 3
        assert begun == [0, 1, 2]


async def test_a_group_whose_partitions_do_not_answer_leaves_the_others_counted(
    silent, letters, monkeypatch
):
    for each in (silent, letters):
        await asyncio.to_thread(each.dead_letter)
    real = DeadLetterTopics.extents

    async def extents(topics, partitions):
        if any(each.topic == silent.letters.name for each in partitions):
            raise TimeoutError
        return await real(topics, partitions)

    async with counting_at(letters.servers) as counts:
        before = await counted(counts, silent)
        at = counts.counted_at
        for each in (silent, letters):
            await asyncio.to_thread(each.dead_letter)
        monkeypatch.setattr(DeadLetterTopics, "extents", extents)

        assert not await counts.refresh()
        assert counts.groups[letters.group]["malformed"].open == 2
        assert counts.groups[silent.group]["malformed"] == before
        assert counts.counted_at == at, "as long as one of them is not known"


async def test_the_topic_that_was_made_anew_begins_at_nothing(letters):
    await asyncio.to_thread(letters.write_many, 3)
    async with counting_at(letters.servers) as counts:
        assert (await counted(counts, letters)).open == 3

        topic = letters.letters
        await asyncio.to_thread(letters.client.delete_topic, topic.name)
        await eventually_async(lambda: topic.name not in letters.topics(), in_thread=True)
        await provide_topics(KafkaSettings(bootstrap_servers=letters.servers), [topic])
        await eventually_async(
            lambda: asyncio.to_thread(letters.client.read, topic.name), holds=lambda _: True
        )

        assert await counted(counts, letters) == Count()


async def test_records_of_aborted_transactions_are_no_letters(letters):
    record = a_record(a_submission())
    transaction = await asyncio.to_thread(letters.client.transaction)
    await asyncio.to_thread(transaction.write, letters.letters.name, record)
    await asyncio.to_thread(transaction.abort)
    async with counting_at(letters.servers) as counts:
        assert sum(each.open for each in (await groups_of(counts, letters)).values()) == 0


async def groups_of(counts, letters):
    assert await counts.refresh()
    return counts.groups[letters.group]


async def test_a_group_without_letters_has_gauges_at_0_and_ages_grow_with_the_clock(letters):
    metrics, now = Metrics("operations"), [utc_now()]
    async with counting_at(letters.servers) as counts:
        shown = DeadLetterMetrics(metrics, counts, lambda: now[0])
        value = metrics.registry.get_sample_value
        labels = {"service": "operations", "group": letters.group, "reason": "malformed"}

        await counts.refresh()
        shown.show()
        assert value("cppp_dlq_depth", labels) == 0
        assert value("cppp_dlq_oldest_age_seconds", labels) == 0

        await asyncio.to_thread(letters.dead_letter, time=now[0].isoformat().encode())
        await counts.refresh()
        shown.show()
        now[0] += HOURS_OLD
        assert value("cppp_dlq_depth", labels) == 1
        assert value("cppp_dlq_oldest_age_seconds", labels) == HOURS_OLD.total_seconds()


async def test_counts_stay_while_kafka_is_away(letters, monkeypatch):
    async def nobody_answers(_topics):
        raise TransientError

    await asyncio.to_thread(letters.dead_letter)
    async with counting_at(letters.servers) as counts:
        before = await counted(counts, letters)
        at = counts.counted_at

        monkeypatch.setattr(DeadLetterTopics, "groups", nobody_answers)

        assert not await counts.refresh()
        assert counts.groups[letters.group]["malformed"] == before
        assert counts.counted_at == at

        monkeypatch.undo()
        assert await counted(counts, letters) == before


async def test_without_kafka_nothing_is_counted_and_nothing_raised():
    async with counting_at("127.0.0.1:9") as counts:
        assert not await counts.refresh()
        assert counts.counted_at is None
