"""What holds of all facts, in whatever order they come."""

import asyncio
import random
from itertools import permutations

import pytest

from services.portal.rules import fact_of
from services.portal.site.edition import Facts
from services.portal.site.refreshing import Site
from shared.errors import TransientError
from tests.examples import event_examples
from tests.factories import NOW, an_event
from tests.waiting import eventually_async


def item(revision, kind="ItemPublished", **changes):
    example = event_examples(kind)[0]
    return fact_of(
        an_event(
            example.model_copy(update={"item_id": "voc-filter", "revision": revision, **changes})
        )
    )


def rules(kind, year, version):
    example = event_examples(kind)[0]
    changes = {
        "in_force_from": example.in_force_from.replace(year=year),
        "rule_version": version,
    }
    return fact_of(an_event(example.model_copy(update=changes)))


def edition_of(*facts):
    known = Facts()
    known.add(facts)
    return known.edition()


FACTS = [
    item(1),
    item(2, "ItemWithdrawn"),
    item(3, content_hash="3" * 64),
    rules("ProgrammePublished", 2029, "a"),
    rules("ProgrammePublished", 2030, "b"),
    rules("SchemePublished", 2029, "c"),
    rules("SchemePublished", 2031, "d"),
]


def test_the_result_does_not_depend_on_order_or_repeats():
    for seed in range(50):
        facts = [*FACTS, *FACTS[::2]]
        random.Random(seed).shuffle(facts)
        found = edition_of(*facts)

        assert [each.revision for each in found.by_id.values()] == [3]
        assert (found.programme.rule_version, found.scheme.rule_version) == ("b", "d")


@pytest.mark.parametrize("facts", [*permutations([item(1), item(2, "ItemWithdrawn")])])
def test_a_withdrawn_item_is_not_shown(facts):
    assert edition_of(*facts).by_id == {}
    assert edition_of(*facts).by_kind == {}


class FakeStore:
    def __init__(self):
        self.facts = {}
        self.reads = 0
        self.away = False
        self.broken = False

    def put(self, *facts):
        self.facts |= {each.id: each for each in facts}

    async def count(self):
        if self.away:
            raise TransientError
        return len(self.facts)

    async def unknown(self, known):
        self.reads += 1
        if self.broken:
            raise KeyError
        return [each for id_, each in self.facts.items() if id_ not in known]


@pytest.fixture
def store():
    return FakeStore()


@pytest.fixture
def site(store):
    return Site(store, 1, lambda: NOW)


async def test_only_what_is_new_is_read(store, site):
    store.put(*FACTS)
    await site.refresh()
    before = site.edition
    await site.refresh()

    assert store.reads == 1
    assert site.edition is before
    assert before.by_id["voc-filter"].revision == 3

    store.put(item(4, "ItemWithdrawn"))
    await site.refresh()
    assert site.edition.by_id == {}


async def test_the_site_is_as_it_was_while_the_database_is_away(store, site):
    store.put(*FACTS)
    await site.refresh()
    store.away = True

    with pytest.raises(TransientError):
        await site.refresh()

    assert site.edition.by_id
    assert await site.is_loaded()


async def test_the_site_is_as_it_was_while_the_read_model_is_rebuilt(store, site):
    store.put(*FACTS)
    await site.refresh()
    store.facts.clear()
    for each in FACTS:
        await site.refresh()
        assert site.edition.by_id["voc-filter"].revision == 3
        store.put(each)

    store.put(item(4, content_hash="4" * 64))
    await site.refresh()
    assert site.edition.by_id["voc-filter"].revision == 4


async def test_a_look_that_fails_ends_nothing_and_is_told(store):
    told = []
    site = Site(store, 0.001, lambda: NOW, lambda: told.append(True))
    store.put(*FACTS)
    await site.refresh()
    store.broken = True
    store.put(item(4, content_hash="4" * 64))

    closing = asyncio.Event()
    running = asyncio.create_task(site.run(closing))
    await eventually_async(lambda: len(told) > 1)
    assert site.edition.by_id["voc-filter"].revision == 3
    store.broken = False
    await eventually_async(lambda: site.edition.by_id["voc-filter"].revision == 4)
    closing.set()
    await running


async def test_other_work_goes_on_while_many_facts_are_taken_in(store, site):
    store.put(*[fact._replace(id=f"{fact.id}-{n}") for n in range(50) for fact in FACTS])
    turns = []

    async def other_work():
        while True:
            turns.append(len(turns))
            await asyncio.sleep(0)

    task = asyncio.create_task(other_work())
    await site.refresh()
    task.cancel()

    assert len(turns) > 10


async def test_much_that_was_read_is_excluded_from_garbage_collection_and_little_is_not(
    store, site, monkeypatch
):
    excluded = []
    monkeypatch.setattr(
        "services.portal.site.refreshing.exclude_from_collection", lambda: excluded.append(1)
    )
    store.put(*FACTS)
    await site.refresh()
    assert excluded == []

    store.put(*[fact._replace(id=f"{fact.id}-{n}") for n in range(200) for fact in FACTS])
    await site.refresh()
    assert excluded == [1]


async def test_a_site_that_has_read_nothing_yet_is_not_loaded(store, site):
    store.away = True
    with pytest.raises(TransientError):
        await site.refresh()

    assert not await site.is_loaded()
