"""What is kept of an event."""

import base64
import hashlib

import pytest

from services.portal.rules import Fact, UnshowableItemError, fact_of
from services.portal.site.edition import Facts
from tests.examples import event_examples
from tests.factories import NOW, an_event

IMAGES = [e for e in event_examples("ItemPublished") if e.kind == "image"]


def test_the_bytes_of_an_image_are_kept_beside_what_is_in_memory():
    (image,) = IMAGES

    fact = fact_of(an_event(image))

    assert fact.data.image.data_base64 == ""
    assert fact.content == base64.b64decode(image.image.data_base64)
    assert image.item_id.endswith(hashlib.sha256(fact.content).hexdigest())


ITEMS = {each.kind: each for each in event_examples("ItemPublished")}
FAR = NOW.replace(year=9999)


def without(item, **changes):
    return item.model_copy(update=changes)


def far(item, **changes):
    return without(item, gathering=item.gathering.model_copy(update=changes))


UNSHOWABLE = {
    "one language": without(ITEMS["news"], words={"en": ITEMS["news"].words["en"]}),
    "no part": without(ITEMS["news"], news=None),
    "another's part": without(ITEMS["event"], gathering=None, news=ITEMS["news"].news),
    "no image": without(ITEMS["image"], image=None),
    "far end": far(ITEMS["event"], ends_on=FAR.date()),
    "far moment": far(ITEMS["event"], ends_at=FAR),
    "far publication": without(ITEMS["news"], published_at=FAR),
}


@pytest.mark.parametrize("item", UNSHOWABLE.values(), ids=UNSHOWABLE)
def test_what_no_page_can_show_becomes_a_dead_letter_and_is_passed_over_if_it_is_stored(item):
    with pytest.raises(UnshowableItemError):
        fact_of(an_event(item))

    known, kept = Facts(), fact_of(an_event(ITEMS[item.kind]))
    later = item.model_copy(update={"item_id": kept.data.item_id, "revision": 99})
    known.add([kept, Fact("item:later:99", "ItemPublished", later)])
    assert known.edition().by_id == {kept.data.item_id: kept.data}


@pytest.mark.parametrize("kind", ITEMS)
def test_every_kind_of_item_is_kept(kind):
    assert fact_of(an_event(ITEMS[kind])).data.kind == kind


def test_an_image_without_bytes_is_a_dead_letter():
    image = ITEMS["image"].image.model_copy(update={"data_base64": ""})

    with pytest.raises(UnshowableItemError):
        fact_of(an_event(without(ITEMS["image"], image=image)))


def test_an_item_of_a_kind_that_only_a_later_release_knows_is_kept_and_shown_by_no_page():
    item = without(ITEMS["news"], kind="podcast", news=None, words={})

    assert fact_of(an_event(item)).data == item


def test_a_revision_of_an_item_is_one_fact_whatever_kind_of_event_says_it():
    (published, *_), (withdrawn, *_) = map(event_examples, ("ItemPublished", "ItemWithdrawn"))
    same = withdrawn.model_copy(update={"item_id": published.item_id, "revision": 1})

    first = fact_of(an_event(published.model_copy(update={"revision": 1})))

    assert first.id == fact_of(an_event(same)).id == f"item:{published.item_id}:1"


def test_a_rule_set_is_another_fact_each_time_that_it_takes_effect():
    (programme,) = event_examples("ProgrammePublished")[:1]
    again = programme.model_copy(
        update={"in_force_from": programme.in_force_from.replace(year=2030)}
    )

    assert fact_of(an_event(programme)).id != fact_of(an_event(again)).id
    assert fact_of(an_event(programme)).id == fact_of(an_event(programme)).id
