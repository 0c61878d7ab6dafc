"""Facts on a real MongoDB, by either driver."""

import base64

from services.portal.rules import TYPES, fact_of
from services.portal.site.refreshing import Site
from services.portal.store import MongoFacts
from tests.examples import event_examples
from tests.factories import NOW, an_event

FACTS = [fact_of(an_event(each)) for kind in TYPES for each in event_examples(kind.__name__)]


async def test_facts_come_back_as_they_were_and_repeats_change_nothing(any_database):
    facts = MongoFacts(any_database)

    first = await facts.keep(FACTS)
    again = await facts.keep([*FACTS[::-1], *FACTS])

    assert {each.id: each for each in first} == {each.id: each for each in again}

    found = await facts.unknown(set())
    assert {each.id: each.data for each in found} == {each.id: each.data for each in FACTS}
    assert await facts.count() == len({each.id for each in FACTS})


async def test_of_two_facts_with_one_id_the_first_holds(any_database):
    facts, first = MongoFacts(any_database), FACTS[0]
    other = first._replace(data=first.data.model_copy(update={"content_hash": "f" * 64}))

    assert await facts.keep([first]) == [first]
    assert await facts.keep([other]) == [first]


async def test_only_unknown_facts_are_read_and_images_without_their_bytes(any_database):
    facts = MongoFacts(any_database)
    await facts.keep(FACTS)
    image = next(each for each in event_examples("ItemPublished") if each.kind == "image")
    fact = fact_of(an_event(image))

    (found,) = await facts.unknown({each.id for each in FACTS} - {fact.id})

    assert (found.id, found.content) == (fact.id, b"")
    assert await facts.content(fact.id) == base64.b64decode(image.image.data_base64)
    assert await facts.content("item:unknown:1") is None


async def test_two_sites_on_one_database_show_the_same(database):
    facts = MongoFacts(database)
    await facts.keep(FACTS[:3])
    sites = [Site(facts, 1, lambda: NOW) for _ in range(2)]
    await sites[0].refresh()
    await facts.keep(FACTS)
    for each in sites:
        await each.refresh()

    assert sites[0].edition == sites[1].edition
