"""The agenda: nothing that was touched is forgotten."""

import asyncio
from datetime import timedelta

import pytest

from services.recognition.store.agenda import MongoAgenda, Settled
from tests.factories import NOW

LATER = NOW + timedelta(days=3)


@pytest.fixture
async def agenda(database):
    kept = MongoAgenda(database)
    await kept.prepare()
    return kept


async def test_what_was_touched_is_due_until_it_is_settled(agenda):
    await agenda.touch(["one", "other"], NOW)
    items = await agenda.due(NOW, 10)

    await agenda.settle([Settled(each, [], None) for each in items])

    assert {each.application_id for each in items} == {"one", "other"}
    assert await agenda.due(LATER, 10) == []


async def test_a_touch_during_the_look_keeps_it_due(agenda):
    await agenda.touch(["one"], NOW)
    [item] = await agenda.due(NOW, 10)
    await agenda.touch(["one"], NOW)

    await agenda.settle([Settled(item, ["label"], LATER)])

    [again] = await agenda.due(NOW, 10)
    assert again.announced == frozenset()  # announced once more rather than never


async def test_a_look_to_come_is_due_at_its_time_and_knows_what_was_announced(agenda):
    await agenda.touch(["one"], NOW)
    [item] = await agenda.due(NOW, 10)
    await agenda.settle([Settled(item, ["label"], LATER)])

    assert await agenda.due(LATER - timedelta(milliseconds=1), 10) == []
    [due] = await agenda.due(LATER, 10)
    assert due.announced == {"label"}


async def test_many_touch_the_same_new_item_at_the_same_time(agenda):
    names = [f"application-{number}" for number in range(20)]

    await asyncio.gather(*(agenda.touch(names, NOW) for _ in range(20)))

    found = await agenda.due(NOW, 100)
    assert {each.application_id: each.touched for each in found} == dict.fromkeys(names, 20)
