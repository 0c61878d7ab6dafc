"""Readers of content take what later releases may add."""

import json

import pytest

from cli.api_docs.examples import examples
from shared.events.content import ITEMS, ItemPublished
from shared.events.envelope import LARGEST_RECORD_BYTES, SubjectIdentity
from tests.factories import NOW

EXAMPLES = examples("ItemPublished")


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_item_of_a_kind_that_is_not_known_is_read(name):
    data = {**EXAMPLES[name], "kind": "podcast", "podcast": {"minutes": 3}}

    assert ItemPublished.model_validate_json(json.dumps(data)).kind == "podcast"


@pytest.mark.parametrize("field", ["of", "currency", "unit", "per", "origin", "basis"])
def test_a_figure_with_a_value_that_is_not_known_is_read(field):
    data = json.loads(json.dumps(EXAMPLES["a technology of the CP Toolbox"]))
    data["technology"]["examples"][0]["figures"][0][field] = "from-a-later-release"
    read = ItemPublished.model_validate_json(json.dumps(data))

    assert getattr(read.technology.examples[0].figures[0], field) == "from-a-later-release"


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_is_read_is_written_as_it_was(name):
    read = ItemPublished.model_validate_json(json.dumps(EXAMPLES[name]))

    assert json.loads(read.model_dump_json()) == EXAMPLES[name]


def test_the_largest_image_fits_into_a_record():
    [image] = [each for each in examples("ItemPublished").values() if each["kind"] == "image"]
    image["image"]["data_base64"] = "A" * (500_000 * 4 // 3 + 4)
    data = ItemPublished.model_validate_json(json.dumps(image))

    assert len(data.model_dump_json()) < LARGEST_RECORD_BYTES * 2 // 3 + 1_000


def test_the_key_of_an_item_is_no_application():
    record = SubjectIdentity("ItemPublished", "voc-filter", "voc-filter/1/hash", NOW).record(
        ITEMS, b""
    )

    assert record.key == b"voc-filter"
    assert [name for name, _ in record.headers] == [
        "ce_specversion", "ce_id", "ce_type", "ce_source", "ce_subject", "ce_time", "content-type",
    ]  # fmt: skip
