"""The schedule: an application that was touched is always reviewed."""

import asyncio
from datetime import timedelta

import pytest

from services.recognition.store.schedule import MongoSchedule, Reviewed
from tests.factories import NOW

LATER = NOW + timedelta(days=3)


@pytest.fixture
async def schedule(database):
    schedule = MongoSchedule(database)
    await schedule.prepare()
    return schedule


async def test_a_touched_application_is_due_until_its_review_is_complete(schedule):
    await schedule.touch(["one", "other"], NOW)
    reviews = await schedule.due(NOW, 10)

    await schedule.complete([Reviewed(each, [], None) for each in reviews])

    assert {each.application_id for each in reviews} == {"one", "other"}
    assert await schedule.due(LATER, 10) == []


async def test_a_touch_during_a_review_leaves_it_due(schedule):
    await schedule.touch(["one"], NOW)
    [review] = await schedule.due(NOW, 10)
    await schedule.touch(["one"], NOW)

    await schedule.complete([Reviewed(review, ["label"], LATER)])

    [again] = await schedule.due(NOW, 10)
    assert again.announced == frozenset()  # announced once more rather than never


async def test_a_later_review_is_due_at_its_time_and_knows_the_announced_events(schedule):
    await schedule.touch(["one"], NOW)
    [review] = await schedule.due(NOW, 10)
    await schedule.complete([Reviewed(review, ["label"], LATER)])

    assert await schedule.due(LATER - timedelta(milliseconds=1), 10) == []
    [due] = await schedule.due(LATER, 10)
    assert due.announced == {"label"}


async def test_concurrent_touches_of_new_applications_are_all_counted(schedule):
    names = [f"application-{number}" for number in range(20)]

    await asyncio.gather(*(schedule.touch(names, NOW) for _ in range(20)))

    found = await schedule.due(NOW, 100)
    assert {each.application_id: each.touched for each in found} == dict.fromkeys(names, 20)
