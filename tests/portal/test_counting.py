"""When applications are counted, and how old the numbers say that they are."""

import asyncio

import pytest

from services.portal.statistics.counting import SHARE, Statistics
from services.portal.statistics.tally import TABLES, Cell, Tally
from shared.errors import TransientError
from tests.factories import A_MINUTE, NOW


def a_tally(applications, decisions=0):
    empty = {each: {} for each in TABLES}
    return Tally(empty | {"stream": {"assessment": Cell(applications)}}, decisions)


class FakeApplications:
    """Buckets whose marks and numbers a test sets."""

    def __init__(self):
        self.buckets, self.counted, self.away, self.seconds = {}, [], False, 0.0

    def put(self, bucket, mark, applications, decisions=0):
        self.buckets[bucket] = mark, a_tally(applications, decisions)

    async def marks(self):
        if self.away:
            raise TransientError
        return {name: mark for name, (mark, _) in self.buckets.items()}

    async def tally(self, bucket):
        self.counted.append(bucket)
        return self.buckets[bucket][1]


class Clock:
    def __init__(self):
        self.now, self.elapsed = NOW, 0.0

    def tick(self):
        self.elapsed += 1.0
        return self.elapsed


@pytest.fixture
def store():
    return FakeApplications()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def statistics(store, clock):
    return Statistics(store, 1, lambda: clock.now, clock=clock.tick)


def number(statistics):
    return statistics.tally.applications


async def test_the_first_time_everything_is_counted(store, statistics):
    for each in "abc":
        store.put(each, "1", 2)

    await statistics.refresh()

    assert (number(statistics), statistics.as_of) == (6, NOW)


async def test_the_numbers_say_until_when_they_have_everything(store):
    statistics = Statistics(store, 1, lambda: NOW, complete_until=lambda read: read - A_MINUTE)
    assert statistics.read_until is None

    await statistics.refresh()

    assert (statistics.as_of, statistics.read_until) == (NOW, NOW - A_MINUTE)


async def test_without_applications_the_numbers_are_known_to_be_none(statistics):
    await statistics.refresh()

    assert (number(statistics), statistics.as_of) == (0, NOW)


async def test_only_what_changed_is_counted_again_one_at_a_time(store, statistics, clock):
    for each in "abc":
        store.put(each, "1", 1)
    await statistics.refresh()
    store.counted.clear()

    await statistics.refresh()
    assert store.counted == []

    for each in "ab":
        store.put(each, "2", 5)
    clock.now += A_MINUTE
    await statistics.refresh()
    assert (store.counted, number(statistics), statistics.as_of) == (["a"], 7, NOW)

    await statistics.refresh()
    assert (store.counted, number(statistics)) == (["a", "b"], 11)
    assert statistics.as_of == NOW + A_MINUTE


async def test_a_bucket_that_always_changes_does_not_hold_up_the_others(store, statistics):
    for each in "ab":
        store.put(each, "0", 1)
    await statistics.refresh()

    for mark in range(1, 5):
        for each in "ab":
            store.put(each, str(mark), 1)
        await statistics.refresh()

    assert store.counted[2:] == ["a", "b", "a", "b"]


async def test_a_new_bucket_is_as_old_as_the_look_before(store, statistics, clock):
    store.put("a", "1", 1)
    await statistics.refresh()
    clock.now += A_MINUTE
    store.put("a", "2", 1)
    store.put("b", "1", 1)

    await statistics.refresh()
    assert statistics.as_of == NOW
    await statistics.refresh()
    assert (number(statistics), statistics.as_of) == (2, NOW + A_MINUTE)


@pytest.mark.parametrize("less", [(1, 9), (9, 1), (0, 0)])
async def test_a_bucket_that_is_read_anew_keeps_its_numbers_until_it_has_as_many(
    store, statistics, clock, less
):
    store.put("a", "1", 9, 9)
    await statistics.refresh()

    clock.now += A_MINUTE
    store.put("a", "2", *less)
    for _ in range(2):
        await statistics.refresh()
        assert (number(statistics), statistics.as_of) == (9, NOW)
    assert store.counted == ["a", "a"]

    store.put("a", "3", 9, 9)
    await statistics.refresh()
    assert (number(statistics), statistics.as_of) == (9, NOW + A_MINUTE)


async def test_numbers_stay_and_grow_old_while_the_database_is_away(store, statistics, clock):
    store.put("a", "1", 1)
    await statistics.refresh()
    store.away = True
    clock.now += A_MINUTE

    with pytest.raises(TransientError):
        await statistics.refresh()

    assert (number(statistics), statistics.as_of) == (1, NOW)


async def test_counting_takes_no_more_than_its_share_of_the_time(store, clock, monkeypatch):
    slept = []
    closing = asyncio.Event()

    async def sleep(seconds, _until):
        slept.append(seconds)
        store.put("a", str(len(slept)), 1)
        if len(slept) == 3:
            closing.set()

    monkeypatch.setattr("services.portal.statistics.counting.sleep_unless_set", sleep)
    store.put("a", "0", 1)
    statistics = Statistics(store, 1, lambda: clock.now, clock=clock.tick)

    await statistics.run(closing)

    # The clock goes on by a second whenever it is read: twice while all is counted, then thrice.
    for took, rest in zip([2.0, 3.0, 3.0], slept, strict=True):
        assert took / (took + rest) == pytest.approx(SHARE)
