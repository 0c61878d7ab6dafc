"""Flaws that JSON parsers accept are found and reported at their place."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.http.json_flaws import Flaw, flaws, may_be_flawed, pointer_part

REPEATED = "Must appear once: keep one of them."


def rules(body: bytes) -> dict[str, str]:
    return {each.pointer: each.rule for each in flaws(body)}


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        (b'{"a":1,"a":1}', ["/a"]),
        (b'{"a":1,"\\u0061":2}', ["/a"]),
        (b'{"a":1,"a":2,"a":3}', ["/a", "/a"]),
        (b'{"a":{"b":[0,{"c":1,"c":":"}]}}', ["/a/b/1/c"]),
        (b'{"a":"\\u003a","b":1,"b":2}', ["/b"]),
        (b'{"x/y~":1,"x/y~":2}', ["/x~1y~0"]),
        (b'{"a":{"a":1},"b":{"a":1}}', []),
    ],
)
def test_a_repeated_name_is_found_at_any_depth(body, pointers):
    assert flaws(body) == [Flaw(each, REPEATED) for each in pointers]
    assert may_be_flawed(body) == bool(pointers)


@pytest.mark.parametrize(
    ("body", "pointer", "rule"),
    [
        (b'{"a":"\\ud800"}', "/a", "surrogate"),
        (b'{"a":["\\udc00\\ud800"]}', "/a/0", "surrogate"),
        (b'{"\\ud800":1}', "/?", "surrogate"),
        (b'{"a":"x\x00"}', "/a", "control characters"),
        (b'{"a":"x\r\ny"}', "/a", "control characters"),
        ('{"a":"\u061c"}'.encode(), "/a", "direction"),
        (b'{"a":"\\u061C"}', "/a", "direction"),
        (b'{"a":' + b"9" * 5_000 + b"}", "/a", "400 digits"),
        (b'{"a":1.' + b"9" * 5_000 + b"}", "/a", "400 digits"),
        (b'{"a":{"b":' + b"[" * 300 + b"]" * 300 + b"}}", "/a/b/0/0/0/0/0/0", "nested so deeply"),
        (b'{"a":' * 100_000, "/a" * 8, "nested so deeply"),
        (b'{"x":"]}","y":' + b'{"a":{"b":' * 40 + b"1", "/y/a/b/a/b/a/b/a", "nested"),
    ],
)
def test_a_flaw_is_reported_with_its_place_and_rule(body, pointer, rule):
    found = rules(body)

    assert list(found) == [pointer]
    assert rule in found[pointer]


@pytest.mark.parametrize("body", ['{"a":"\u061c"}'.encode(), b'{"a":"\\u061C"}', b"[" * 9_000])
def test_a_mark_or_a_depth_that_parsers_accept_is_suspected(body):
    assert may_be_flawed(body)


@pytest.mark.parametrize("body", [b"", b"{", b'{"a":tru}', b"\xff", b'{"a":"\xed\xa0\x80"}'])
def test_a_body_that_is_not_json_has_no_flaws(body):
    assert flaws(body) == []


def test_many_adjacent_brackets_are_not_deep():
    assert flaws(json.dumps([[[]]] * 1_000).encode()) == []


def test_a_long_name_is_truncated_and_an_unpaired_surrogate_replaced():
    assert pointer_part("x" * 1_000) == "/" + "x" * 60
    assert pointer_part("a\ud800/~") == "/a?~1~0"


# `str` of a list shows the mark escaped, so it cannot be looked for in a value: none has it.
CHARACTERS = st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\u061c")
VALUES = st.recursive(
    st.none() | st.integers() | st.text(CHARACTERS, max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(":a~\\", max_size=2), inner)
    ),
    max_leaves=20,
)


@given(VALUES, st.booleans())
def test_ordinary_json_has_no_flaws(value, ascii_only):
    assert flaws(json.dumps(value, ensure_ascii=ascii_only).encode()) == []


@given(st.dictionaries(st.text(":a", max_size=2), VALUES, min_size=1), VALUES)
def test_a_repeated_name_is_always_suspected(members, value):
    name = next(iter(members))
    body = json.dumps(members)[:-1] + f", {json.dumps(name)}: {json.dumps(value)}}}"

    assert may_be_flawed(body.encode())
    assert pointer_part(name) in rules(body.encode())
