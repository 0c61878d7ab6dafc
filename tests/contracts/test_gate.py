"""The gate refuses each kind of break, and lets an event gain what readers ignore."""

from copy import deepcopy
from dataclasses import replace

import pytest

from tests.contracts.gate import Contract, breaks

OLD = Contract(
    topic="owner.facts.v1",
    compacted=False,
    key="^[0-9]+$",
    headers={
        "type": "object",
        "required": ["ce_id"],
        "properties": {
            "ce_id": {"type": "string"},
            "ce_type": {"const": "Fact"},
            "traceparent": {"type": "string"},
        },
    },
    data={
        "type": "object",
        "required": ["name", "kind", "part"],
        "properties": {
            "name": {"type": "string", "maxLength": 200, "pattern": "^.+$"},
            "amount": {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}]},
            "kind": {"type": "string", "enum": ["a", "b"]},
            "open": {"type": "string", "x-extensible-enum": ["a", "b"]},
            "part": {"$ref": "#/$defs/Part"},
            "parts": {"type": "array", "items": {"$ref": "#/$defs/Part"}},
            "on": {"type": "string", "format": "date"},
            "shares": {
                "additionalProperties": {"type": "integer"},
                "propertyNames": {"enum": ["a"]},
            },
            "all": {"allOf": [{"$ref": "#/$defs/Part"}, {"type": "object"}]},
            "listed": {"contains": {"$ref": "#/$defs/Item"}},
            "alias": {"$ref": "#/$defs/Alias"},
            "exact": {"$ref": "#/$defs/Closed"},
            "code": {"$ref": "#/$defs/Code"},
            "flag": {"enum": [1]},
            "either": {"oneOf": [{"$ref": "#/$defs/Part"}, {"$ref": "#/$defs/Other"}]},
        },
        "$defs": {
            "Part": {
                "type": "object",
                "required": ["ground"],
                "properties": {"ground": {"type": "string", "const": "1"}},
            },
            "Alias": {"$ref": "#/$defs/Other"},
            "Closed": {"type": "object", "properties": {}, "additionalProperties": False},
            "Item": {"maximum": 9, "contains": {"$ref": "#/$defs/Item"}},
            "Code": {"type": "string", "maxLength": 9},
            "Other": {"type": "object", "properties": {"ground": {"enum": ["2", "3"]}}},
        },
    },
)


def field(name, **changes):
    def change(data):
        data["properties"][name] |= changes

    return change


def added(name, schema):
    def change(data):
        data["properties"][name] = schema

    return change


def required(*names):
    def change(data):
        data["required"] = [*names]

    return change


def renamed(data):
    data["properties"]["title"] = data["properties"].pop("name")
    data["required"] = ["title", "kind", "part"]


def changed(*changes):
    data = deepcopy(OLD.data)
    for each in changes:
        each(data)
    return replace(OLD, data=data)


def removed(name):
    return lambda data: data["properties"].pop(name)


def inside(part, change):
    return lambda data: change(data["$defs"][part])


def with_header(name, schema):
    headers = {**OLD.headers["properties"], name: schema}
    kept = {each: schema for each, schema in headers.items() if schema is not None}
    return replace(OLD, headers={**OLD.headers, "properties": kept})


def found(new):
    return [each.partition(". Undo it")[0] for each in breaks({"Fact": OLD}, {"Fact": new})]


PLACES_OF_A_PART = (
    *("Fact.part.ground", "Fact.parts[].ground"),
    *("Fact.all form 1.ground", "Fact.either form 1.ground"),
)
BREAKS = {
    "removed field": (changed(removed("amount")), ["Fact.amount is gone"]),
    "renamed field": (
        changed(renamed),
        ["Fact.name is gone", "Fact.title becomes required, and older events lack it"],
    ),
    "new required field": (
        changed(added("later", {"type": "string"}), required("name", "kind", "part", "later")),
        ["Fact.later becomes required, and older events lack it"],
    ),
    "field that becomes optional": (
        changed(required("name", "part")),
        ["Fact.kind becomes optional, and older readers need it"],
    ),
    "other type": (
        changed(field("name", type="integer")),
        ["Fact.name: type changes from string to integer"],
    ),
    "null no longer allowed": (
        changed(added("amount", {"type": "integer", "minimum": 1})),
        [
            "Fact.amount: minimum changes from None to 1",
            "Fact.amount: type changes from None to integer",
            "Fact.amount has 0 forms instead of 2",
        ],
    ),
    "shorter text": (
        changed(field("name", maxLength=100)),
        ["Fact.name: maxLength changes from 200 to 100"],
    ),
    "longer text": (
        changed(field("name", maxLength=300)),
        ["Fact.name: maxLength changes from 200 to 300"],
    ),
    "other pattern": (
        changed(field("name", pattern="^[a-z]+$")),
        ["Fact.name: pattern changes from ^.+$ to ^[a-z]+$"],
    ),
    "narrower range": (
        changed(added("amount", {"anyOf": [{"type": "integer", "minimum": 9}, {"type": "null"}]})),
        ["Fact.amount: minimum changes from 1 to 9"],
    ),
    "shorter text at least": (
        changed(field("name", minLength=2)),
        ["Fact.name: minLength changes from None to 2"],
    ),
    "other format": (
        changed(field("on", format="date-time")),
        ["Fact.on: format changes from date to date-time"],
    ),
    "limit added beside a reference, or taken from what it refers to": (
        changed(inside("Code", lambda code: code.update(maxLength=5)), field("code", maxLength=9)),
        [
            "Fact.code: maxLength changes from 9 to 5",
            "Fact.code: maxLength beside $ref changes from None to 9",
        ],
    ),
    "unknown fields forbidden": (
        changed(lambda data: data.update(additionalProperties=False)),
        ["Fact: additionalProperties changes from None to False"],
    ),
    "field added where readers allow no other": (
        changed(inside("Closed", added("later", {"type": "string"}))),
        ["Fact.exact.later is added where older readers allow no other field"],
    ),
    "values of a mapping": (
        changed(field("shares", additionalProperties={"type": "number"})),
        ["Fact.shares[]: type changes from integer to number"],
    ),
    "names in a mapping": (
        changed(field("shares", propertyNames={"enum": ["a", "b"]})),
        ["Fact.shares[]: the value 'b' is added, which older readers refuse"],
    ),
    "change inside a part that another keyword refers to": (
        changed(inside("Item", lambda item: item.update(maximum=8))),
        ["Fact.listed: contains changes inside {'$ref': '#/$defs/Item'}"],
    ),
    "value hidden behind an open list": (
        changed(field("open", enum=["a"])),
        ["Fact.open: enum changes from None to ['a']"],
    ),
    "value hidden behind a closed list": (
        changed(field("kind", const="a")),
        ["Fact.kind: const changes from None to a"],
    ),
    "value of another type": (
        changed(field("flag", enum=[True])),
        [
            "Fact.flag: the value 1 is gone",
            "Fact.flag: the value True is added, which older readers refuse",
        ],
    ),
    "nothing allowed": (
        changed(added("on", schema=False)),
        [
            "Fact.on: format changes from date to None",
            "Fact.on: not changes from None to {}",
            "Fact.on: type changes from string to None",
        ],
    ),
    "new limit": (
        changed(field("parts", maxItems=3)),
        ["Fact.parts: maxItems changes from None to 3"],
    ),
    "value removed": (
        changed(field("kind", enum=["a"])),
        ["Fact.kind: the value 'b' is gone"],
    ),
    "value added to a closed list": (
        changed(field("kind", enum=["a", "b", "c"])),
        ["Fact.kind: the value 'c' is added, which older readers refuse"],
    ),
    "list opened with a value more": (
        changed(added("kind", {"type": "string", "x-extensible-enum": ["a", "b", "c"]})),
        ["Fact.kind: the value 'c' is added, which older readers refuse"],
    ),
    "value removed from an open list": (
        changed(added("open", {"type": "string", "x-extensible-enum": ["a"]})),
        ["Fact.open: the value 'b' is gone"],
    ),
    "list closed": (
        changed(added("open", {"type": "string", "enum": ["a", "b"]})),
        ["Fact.open: an open list becomes closed"],
    ),
    "form added to a choice": (
        changed(
            field("either", oneOf=[*OLD.data["properties"]["either"]["oneOf"], {"type": "null"}])
        ),
        ["Fact.either has 3 forms instead of 2"],
    ),
    "change inside a part": (
        changed(inside("Other", removed("ground"))),
        ["Fact.alias.ground is gone", "Fact.either form 2.ground is gone"],
    ),
    "change inside a list": (
        changed(inside("Part", field("ground", const="4"))),
        [
            f"{where}: {what}"
            for where in PLACES_OF_A_PART
            for what in (
                "the value '1' is gone",
                "the value '4' is added, which older readers refuse",
            )
        ],
    ),
    "other topic": (
        replace(OLD, topic="owner.facts.v2"),
        ["Fact: topic changes from owner.facts.v1 to owner.facts.v2"],
    ),
    "other key": (replace(OLD, key="^.+$"), ["Fact: key changes from ^[0-9]+$ to ^.+$"]),
    "compacted": (replace(OLD, compacted=True), ["Fact: compacted changes from False to True"]),
    "removed header": (
        with_header("traceparent", None),
        ["Fact headers.traceparent is gone"],
    ),
    "other CloudEvents type": (
        with_header("ce_type", {"const": "Deed"}),
        [
            "Fact headers.ce_type: the value 'Fact' is gone",
            "Fact headers.ce_type: the value 'Deed' is added, which older readers refuse",
        ],
    ),
    "header that becomes optional": (
        replace(OLD, headers={**OLD.headers, "required": []}),
        ["Fact headers.ce_id becomes optional, and older readers need it"],
    ),
    "header that becomes required": (
        replace(OLD, headers={**OLD.headers, "required": ["ce_id", "traceparent"]}),
        ["Fact headers.traceparent becomes required, and older events lack it"],
    ),
}


@pytest.mark.parametrize("kind", BREAKS)
def test_a_break_is_refused_by_name(kind):
    new, named = BREAKS[kind]

    assert found(new) == named


def test_an_event_that_is_gone_is_refused_with_what_to_do():
    [gone] = breaks({"Fact": OLD}, {})

    assert gone.startswith("Fact is gone. Undo it, or publish a new type of event")
    assert "docs/upgrading.md" in gone


def parts_renamed(data):
    data["$defs"]["Section"] = data["$defs"].pop("Part")
    for place in (
        data["properties"]["part"],
        data["properties"]["parts"]["items"],
        data["properties"]["either"]["oneOf"][0],
        data["properties"]["all"]["allOf"][0],
    ):
        place["$ref"] = "#/$defs/Section"


ALLOWED = {
    "nothing": OLD,
    "optional field": changed(added("later", {"type": "string"})),
    "optional field inside a part": changed(inside("Part", added("later", {"type": "string"}))),
    "value added to an open list": changed(field("open", **{"x-extensible-enum": ["a", "b", "c"]})),
    "list opened": changed(added("kind", {"type": "string", "x-extensible-enum": ["a", "b"]})),
    "description": changed(field("name", description="The name.", title="Name")),
    "name of a part": changed(parts_renamed),
    "optional header": with_header("ce_later", {"type": "string"}),
}


@pytest.mark.parametrize("kind", ALLOWED)
def test_what_breaks_no_reader_passes(kind):
    assert found(ALLOWED[kind]) == []


def test_a_new_type_of_event_passes():
    assert breaks({"Fact": OLD}, {"Fact": OLD, "Later": OLD}) == []
