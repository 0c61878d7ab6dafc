"""YAML as editors mean it: a day is a text, no is no truth value, numbers are exact."""

from contextlib import suppress
from decimal import Decimal
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.content.folder.yaml_text import YamlError, read_yaml

FILE = PurePosixPath("a.yml")


def fields(text):
    return read_yaml(text, FILE).fields


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("1", 1),
        ("-1", -1),
        ("0.278", Decimal("0.278")),
        ("1.50", Decimal("1.50")),
        ("true", True),
        ("false", False),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("null", None),
        ("", None),
        ("2007-10-17", "2007-10-17"),
        ("14:30", "14:30"),
        ("0x10", "0x10"),
        ("010", "010"),
        ("1e3", "1e3"),
        (".inf", ".inf"),
        ("1_000", "1_000"),
        ("'1'", "1"),
        ('"true"', "true"),
        ("標題", "標題"),
    ],
)
def test_a_value_is_what_it_looks_like(written, read):
    value = fields(f"a: {written}\n")["a"]

    assert (value, type(value)) == (read, type(read))


def test_every_field_has_its_line():
    yaml = read_yaml("a: 1\nb:\n  - c: 2\n    d: 3\n", FILE, first_line=5)

    assert yaml.place.lines[("b", 0, "d")] == 8
    assert str(yaml.place.mistake(("b", 0, "d"), "Must.")) == "a.yml:8: b[1].d: Must."
    assert str(yaml.place.mistake(("b", 0, "x", 1), "Must.")) == "a.yml:7: b[1].x[2]: Must."


@pytest.mark.parametrize(
    "text",
    [
        "- a",
        "a",
        "a: 1\na: 2",
        "a: &x 1",
        "a: *x",
        "a: [",
        "a: 'b",
        "\ta: 1",
        "a: 1\n---\nb: 2",
        "a: !!python/name:os.system x\nb: [",
    ],
)
def test_what_is_no_such_yaml_is_refused(text):
    with pytest.raises(YamlError) as raised:
        fields(text)
    assert raised.value.mistakes


def test_a_text_without_end_is_refused():
    with pytest.raises(YamlError) as raised:
        fields("a: " + "[" * 5_000)
    assert str(raised.value.mistakes[0]) == "a.yml:1: Must be less deeply nested."


@given(st.text(max_size=80) | st.text("ab:-[]{}&*!|>'\"#%@` \n\t?,", max_size=40))
def test_any_text_is_read_or_refused(text):
    with suppress(YamlError):
        assert isinstance(fields(text), dict)
