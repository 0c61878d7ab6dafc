"""Whatever an editor may write is read from the topic as it was written."""

import json
import shutil
from decimal import Decimal

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.content.contents import checked_edition, contents
from cli.content.publication.plan import published
from shared.events.content import ItemPublished
from tests.cli.content.editing import Editor
from tests.factories import NOW

LINES = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0x9FFF, categories=["L", "N", "P", "Zs"]),
    min_size=1,
    max_size=40,
).filter(lambda text: any(each.isalnum() for each in text))
NUMBERS = st.integers(1, 10**12 - 2) | st.decimals("0.001", 10**6, places=3)
VALUES = st.one_of(
    NUMBERS.map(lambda each: {"value": each}),
    NUMBERS.map(lambda each: {"at_most": each}),
    NUMBERS.map(lambda each: {"at_least": each}),
    NUMBERS.map(lambda each: {"low": each, "high": each + 1}),
)
ORIGINS = st.fixed_dictionaries(
    {
        "origin": st.sampled_from("ABCD"),
        "vendor_claim": st.booleans(),
        "source": st.sampled_from(["S1", "S26"]),
        "year": st.integers(1900, 2100) | st.just("not-stated"),
    }
)
MONEY = st.tuples(VALUES, st.sampled_from(["HKD", "RMB", "USD"])).map(
    lambda each: {"of": "investment", **each[0], "currency": each[1]}
)
AMOUNTS = st.tuples(
    VALUES, st.sampled_from(["t", "kWh", "m3"]), st.sampled_from(["year", "month"])
).map(lambda each: {"of": "water", **each[0], "unit": each[1], "per": each[2]})
FIGURES = st.tuples(MONEY | AMOUNTS, ORIGINS).map(lambda each: {**each[0], **each[1]})


class _Dumper(yaml.SafeDumper):
    """Writes a decimal number as one."""


_Dumper.add_representer(
    Decimal, lambda dumper, value: dumper.represent_scalar("tag:yaml.org,2002:float", f"{value:f}")
)


def technology(figures) -> str:
    facts = {
        "industries": ["textiles"],
        "processes": ["printing"],
        "saves": ["water"],
        "examples": [{"id": "press-hall", "figures": figures}],
    }
    return yaml.dump(facts, Dumper=_Dumper, allow_unicode=True)


@settings(max_examples=25)  # each is a whole folder
@given(title=LINES, figures=st.lists(FIGURES, min_size=1, max_size=4))
def test_a_technology(tmp_path_factory, title, figures):
    root = tmp_path_factory.mktemp("content")
    editor = Editor(root)
    editor.write("technologies/filter/item.yml", technology(figures))
    editor.write(
        "technologies/filter/sc.md",
        editor.text(json.dumps(title, ensure_ascii=False), "", "examples: {press-hall: a}\n"),
    )
    edition = checked_edition(root)
    shutil.rmtree(root)
    assert [str(each) for each in edition.mistakes] == []

    _, items = contents(edition)
    [item] = [each for each in items if each.item_id == "filter"]
    read = ItemPublished.model_validate_json(published(item, {}, NOW).value)

    assert read == item.model_copy(update={"published_at": NOW})
    assert read.words["zh-Hans"].title == title
    found = [each for each in read.technology.examples[0].figures if each.basis == "printed"]
    assert [as_read(each) for each in found] == [as_written(each) for each in figures]


def as_read(figure):
    value = (figure.low, figure.high)
    return (figure.of, *value, figure.year, figure.origin, figure.source, figure.vendor_claim)


def as_written(figure):
    low = figure.get("value", figure.get("low", figure.get("at_least")))
    high = figure.get("value", figure.get("high", figure.get("at_most")))
    year = None if figure["year"] == "not-stated" else figure["year"]
    origin = (figure["origin"], figure["source"], figure["vendor_claim"])
    return (figure["of"], low, high, year, *origin)
