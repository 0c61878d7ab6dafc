"""As of when the site is: neither the database nor Kafka alone can say it."""

import asyncio
from datetime import timedelta

import pytest

from services.portal.site.read_until import ReadUntil
from services.portal.site.refreshing import Site
from services.portal.store import MongoReadUntil
from services.portal.web.wording import WORDING
from shared.errors import DependencyError, TransientError
from tests.factories import NOW
from tests.waiting import eventually_async

A_SECOND = timedelta(seconds=1)


class Scene:
    """Kafka, the database, the site and a clock."""

    def __init__(self, kept=None):
        self.now, self.looked_at, self.kept = NOW, NOW - A_SECOND, kept
        self.handled_until = NOW - timedelta(days=1)
        self.kafka_is_away = self.database_is_away = False
        self.is_filled_by_a_rebuild = False
        self.asked = 0
        self.tested = self.another_process()

    def another_process(self):
        return ReadUntil(self.has_read_until, self, lambda: self.now, 0.01)

    def as_of(self):
        return self.tested.at(self.looked_at)

    async def has_read_until(self, moment):
        self.asked += 1
        if self.kafka_is_away:
            raise TransientError
        return self.handled_until >= moment

    async def read_until(self):
        if self.database_is_away:
            raise TransientError
        return self.kept

    async def is_being_filled(self):
        if self.database_is_away:
            raise TransientError
        return self.is_filled_by_a_rebuild

    async def keep_read_until(self, moment):
        if self.database_is_away:
            raise TransientError
        self.kept = max(moment, self.kept or moment)

    def site_looks(self):
        self.now += A_SECOND
        self.looked_at = self.now

    async def asks(self):
        self.now += A_SECOND
        await self.tested.ask()
        return self.now


class NoFacts:
    async def count(self):
        return 0

    async def unknown(self, _known):
        return []


@pytest.fixture
def scene():
    return Scene()


async def test_it_is_not_known_before_kafka_was_asked_and_the_database_read(scene):
    scene.handled_until = NOW + timedelta(days=1)
    assert scene.as_of() is None

    asked = await scene.asks()
    assert scene.as_of() is None
    scene.site_looks()
    assert scene.as_of() == asked


async def test_what_was_read_before_kafka_was_asked_may_be_incomplete(scene):
    scene.handled_until = NOW + timedelta(days=1)
    scene.site_looks()
    asked = await scene.asks()

    assert scene.as_of() is None
    scene.site_looks()
    assert scene.as_of() == asked


async def test_what_was_read_earlier_is_as_of_an_earlier_moment(scene):
    scene.handled_until = NOW + timedelta(days=1)
    first = await scene.asks()
    scene.site_looks()
    counted_at = scene.looked_at
    second = await scene.asks()
    scene.site_looks()

    assert (scene.as_of(), scene.tested.at(counted_at)) == (second, first)


async def test_a_moment_is_asked_for_until_it_is_reached(scene):
    first = await scene.asks()
    await scene.asks()
    scene.site_looks()
    assert scene.as_of() is None

    scene.handled_until = first
    await scene.asks()
    scene.site_looks()
    assert scene.as_of() == first == scene.kept


async def test_it_stays_while_kafka_is_away_and_never_goes_back(scene):
    scene.handled_until = NOW + timedelta(days=1)
    asked = await scene.asks()
    scene.site_looks()
    scene.kafka_is_away = True
    with pytest.raises(TransientError):
        await scene.asks()

    scene.site_looks()
    assert scene.as_of() == asked
    scene.kafka_is_away, scene.handled_until = False, NOW - timedelta(days=9)
    await scene.asks()  # as after a reset of offsets
    scene.site_looks()
    assert scene.as_of() == asked


async def test_it_stays_while_the_database_is_away(scene):
    scene.handled_until = NOW + timedelta(days=1)
    asked = await scene.asks()
    scene.site_looks()
    scene.database_is_away = True
    for _ in range(3):
        with pytest.raises(TransientError):
            await scene.asks()

    assert scene.as_of() == asked


async def test_a_process_that_starts_while_kafka_is_away_goes_by_what_is_kept(scene):
    scene.handled_until = NOW + timedelta(days=1)
    asked = await scene.asks()
    scene.kafka_is_away = True
    scene.tested = scene.another_process()
    with pytest.raises(TransientError):
        await scene.asks()

    assert scene.as_of() is None
    scene.site_looks()
    assert scene.as_of() == asked


async def test_a_database_that_is_being_filled_is_not_complete(scene):
    scene.handled_until = NOW + timedelta(days=1)
    scene.kept, scene.is_filled_by_a_rebuild = NOW, True
    await scene.asks()
    scene.site_looks()
    assert scene.as_of() is None

    scene.is_filled_by_a_rebuild = False
    asked = await scene.asks()
    scene.site_looks()
    assert scene.as_of() == asked


async def test_a_slow_look_into_the_database_counts(scene):
    scene.handled_until = NOW + timedelta(days=1)
    first = await scene.asks()
    scene.site_looks()
    await scene.asks()  # before the look has ended

    assert scene.as_of() == first


async def test_it_goes_on_asking_and_ends_when_told(scene):
    scene.kafka_is_away = True
    closing = asyncio.Event()
    running = asyncio.create_task(scene.tested.run(closing))
    await eventually_async(lambda: scene.asked > 1)
    scene.handled_until, scene.kafka_is_away = NOW + timedelta(days=1), False
    await eventually_async(lambda: scene.kept)
    closing.set()
    await running


async def test_a_question_that_fails_ends_nothing_and_is_told(scene):
    told, failures = [], [DependencyError(), DependencyError()]

    async def has_read_until(moment):
        if failures:
            raise failures.pop()
        return await scene.has_read_until(moment)

    scene.handled_until = NOW + timedelta(days=1)
    tested = ReadUntil(has_read_until, scene, lambda: NOW, 0.001, lambda: told.append(True))
    closing = asyncio.Event()
    running = asyncio.create_task(tested.run(closing))
    await eventually_async(lambda: scene.kept)
    closing.set()
    await running
    assert len(told) == 2


async def test_a_site_is_complete_only_until_what_was_known_before_it_looked():
    until = {NOW: NOW - A_SECOND}
    site = Site(NoFacts(), 1, lambda: NOW, complete_until=until.get)
    await site.refresh()

    assert (site.as_of, site.read_until) == (NOW, NOW - A_SECOND)


async def test_the_latest_moment_is_kept(any_database):
    kept = MongoReadUntil(any_database)
    assert await kept.read_until() is None

    for moment in (NOW, NOW - A_SECOND, NOW + A_SECOND, NOW):
        await kept.keep_read_until(moment)
    assert await kept.read_until() == NOW + A_SECOND


@pytest.mark.parametrize("code", WORDING)
async def test_a_page_says_when_it_may_not_be_complete(browser, site, code):
    words = WORDING[code]["site.as-of-unknown"]
    assert words not in (await browser.get(f"/{code}/labels")).text

    site.read_until = None
    assert words in (await browser.get(f"/{code}/labels")).text
