"""What is kept of an event."""

import base64
import hashlib

from services.portal.rules import fact_of
from tests.examples import event_examples
from tests.factories import an_event

IMAGES = [e for e in event_examples("ItemPublished") if e.kind == "image"]


def test_the_bytes_of_an_image_are_kept_beside_what_is_in_memory():
    (image,) = IMAGES

    fact = fact_of(an_event(image))

    assert fact.data.image.data_base64 == ""
    assert fact.content == base64.b64decode(image.image.data_base64)
    assert image.item_id.endswith(hashlib.sha256(fact.content).hexdigest())


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
