"""Redriven dead letters, and what halts the consumer, on a real Kafka."""

import asyncio

from shared.events.envelope import redrive_topic
from tests.waiting import DEADLINE_SECONDS, eventually_async


async def test_a_redriven_record_is_handled_as_if_it_came_from_its_original_topic(scene):
    scene.refused = True
    application = scene.submit()
    async with scene.consumer():
        await eventually_async(lambda: scene.committed() == 1, in_thread=True)
    [letter] = scene.dead()
    scene.refused = False

    scene.redrive(letter)
    async with scene.consumer():
        await eventually_async(lambda: scene.decided() == [application], in_thread=True)

    assert scene.client.committed(scene.group, redrive_topic(scene.group).name) == 1


async def test_a_redriven_record_that_fails_again_keeps_its_origin_and_counts_its_attempts(scene):
    scene.refused = True
    scene.submit()
    async with scene.consumer():
        await eventually_async(lambda: scene.committed() == 1, in_thread=True)
        scene.redrive(scene.dead()[0])
        await eventually_async(lambda: len(scene.dead()) == 2, in_thread=True)

    first, second = scene.dead()
    headers = [dict(each.headers()) for each in (first, second)]
    assert [each["x-dead-letter-attempts"] for each in headers] == [b"1", b"2"]
    assert len({each["x-dead-letter-offset"] for each in headers}) == 1
    assert {each["x-dead-letter-topic"] for each in headers} == {scene.input.name.encode()}
    assert len(second.headers()) == len(first.headers()), "the first envelope is still there"
    assert (second.key(), second.value()) == (first.key(), first.value())
    assert second.timestamp() == first.timestamp()


async def test_too_many_dead_letters_stop_the_consumer_and_nothing_is_committed_or_dead_lettered(
    scene,
):
    for _ in range(4):
        scene.client.write(scene.input.name, b"{", [("ce_type", b"ApplicationSubmitted")], b"k")

    async with scene.consumer(dead_letters_in_a_row=3) as consumer:
        await asyncio.wait_for(consumer.halted(), DEADLINE_SECONDS)
        good = scene.submit()

    assert consumer.halted_because == "dead-letter-breaker"
    assert scene.committed() == 0
    assert scene.dead() == []
    assert good not in scene.stored


async def test_a_consumer_halts_if_its_next_records_are_gone(scene):
    scene.submit_to_one_partition(3)
    async with scene.consumer():
        await eventually_async(lambda: scene.committed() == 3, in_thread=True)
    scene.submit_to_one_partition(4)
    scene.client.delete_before(scene.input.name, 5)
    good = scene.submit_to_one_partition(1)

    async with scene.consumer() as consumer:
        await asyncio.wait_for(consumer.halted(), DEADLINE_SECONDS)

    assert consumer.halted_because == "offset-out-of-range"
    assert scene.committed() == 3, "it went on behind the gap"
    assert not set(good) & set(scene.stored)
