"""The compatibility gate: what two versions of a contract do to each other's readers.

A change is a break if readers of the old contract may fail on new events, or readers of the new one
on old events, which stay on their topics for ever. An event may gain optional fields, and an open
list of values may gain values; nothing else may change. What is not on the wire, such as
descriptions and the names of parts, may.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

RECIPE = (
    "Undo it, or publish a new type of event on a topic that ends in .v2 beside this one: "
    "docs/upgrading.md, 'A breaking change'."
)
_WORDS = {"title", "description", "examples", "discriminator", "$defs"}
_LISTINGS = ("x-extensible-enum", "enum", "const")
_PARTS = {"properties", "required"}
_LISTS = ("anyOf", "oneOf", "allOf")
_INNER = ("items", "additionalProperties", "propertyNames")
_ON_OTHER_FIELDS = ("additionalProperties", "propertyNames", "patternProperties")


@dataclass(frozen=True)
class Contract:
    """What a type of event promises: place, key, headers and data, each as a JSON Schema."""

    topic: str
    compacted: bool
    key: str
    headers: Mapping[str, Any]
    data: Mapping[str, Any]


def breaks(old: Mapping[str, Contract], new: Mapping[str, Contract]) -> list[str]:
    """Name every change that breaks a reader, with what to do; new types of event break none."""
    found = [
        each
        for name, contract in old.items()
        for each in (_of_event(name, contract, new[name]) if name in new else [f"{name} is gone"])
    ]
    return [f"{each}. {RECIPE}" for each in found]


def _of_event(name: str, old: Contract, new: Contract) -> Iterator[str]:
    for part in ("topic", "compacted", "key"):
        before, after = getattr(old, part), getattr(new, part)
        if before != after:
            yield f"{name}: {part} changes from {before} to {after}"
    yield from Comparison(old.headers, new.headers).breaks(f"{name} headers")
    yield from Comparison(old.data, new.data).breaks(name)


@dataclass(frozen=True)
class Comparison:
    """Compares two JSON Schemas; each resolves its own references."""

    old: Mapping[str, Any]
    new: Mapping[str, Any]

    def breaks(self, where: str) -> Iterator[str]:
        """Name every break in the whole schemas."""
        yield from self._schema(self.old, self.new, where)

    def _schema(self, old: Any, new: Any, where: str) -> Iterator[str]:
        old, new = _resolved(old, self.old), _resolved(new, self.new)
        yield from self._constraints(old, new, where)
        yield from _values(old, new, where)
        yield from self._fields(old, new, where)
        for name in _INNER:
            if isinstance(old.get(name), Mapping) and isinstance(new.get(name), Mapping):
                yield from self._schema(old[name], new[name], f"{where}[]")
        for name in _LISTS:
            yield from self._variants(old.get(name, []), new.get(name, []), where)

    def _constraints(
        self, old: Mapping[str, Any], new: Mapping[str, Any], where: str
    ) -> Iterator[str]:
        """Name what is narrowed or widened: the one breaks new readers, the other old ones."""
        for name in sorted((old.keys() | new.keys()) - _WORDS - _PARTS - set(_LISTS)):
            before, after = (
                None if name == _listing(each) else each.get(name) for each in (old, new)
            )
            if name in _INNER and isinstance(before, Mapping) and isinstance(after, Mapping):
                continue
            if _json(_inlined(before, self.old)) == _json(_inlined(after, self.new)):
                continue
            if before == after:
                yield f"{where}: {name} changes inside {before}"
            else:
                yield f"{where}: {name} changes from {before} to {after}"

    def _fields(self, old: Mapping[str, Any], new: Mapping[str, Any], where: str) -> Iterator[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        for name, field in before.items():
            if name in after:
                yield from self._schema(field, after[name], f"{where}.{name}")
            else:
                yield f"{where}.{name} is gone"
        yield from _new_fields(old, new, where)
        yield from _required(old, new, where)

    def _variants(self, old: list[Any], new: list[Any], where: str) -> Iterator[str]:
        if len(old) != len(new):
            yield f"{where} has {len(new)} forms instead of {len(old)}"
        for number, (before, after) in enumerate(zip(old, new, strict=False), 1):
            form = f" form {number}" if len(old) > 1 and {"type": "null"} not in old else ""
            yield from self._schema(before, after, f"{where}{form}")


def _new_fields(old: Mapping[str, Any], new: Mapping[str, Any], where: str) -> Iterator[str]:
    if all(old.get(each, True) is True for each in _ON_OTHER_FIELDS):
        return
    for name in sorted(new.get("properties", {}).keys() - old.get("properties", {}).keys()):
        yield f"{where}.{name} is added where older readers allow no other field"


def _required(old: Mapping[str, Any], new: Mapping[str, Any], where: str) -> Iterator[str]:
    was, now = set(old.get("required", ())), set(new.get("required", ()))
    for name in sorted(now - was):
        yield f"{where}.{name} becomes required, and older events lack it"
    for name in sorted((was - now) & new.get("properties", {}).keys()):
        yield f"{where}.{name} becomes optional, and older readers need it"


def _resolved(schema: Any, root: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a schema with what it refers to; what it says otherwise than that stays beside it."""
    if isinstance(schema, bool):
        return {} if schema else {"not": {}}
    if "$ref" not in schema:
        return dict(schema)
    part = _resolved(root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    own = {name: each for name, each in schema.items() if name != "$ref"}
    beside = {name for name in own if name not in _WORDS and own[name] != part.get(name, own[name])}
    return {
        **part,
        **{f"{name} beside $ref" if name in beside else name: own[name] for name in own},
    }


def _inlined(value: Any, root: Mapping[str, Any], within: tuple[str, ...] = ()) -> Any:
    """Return a value with every part that it refers to, each once: parts may contain themselves."""
    if isinstance(value, list):
        return [_inlined(each, root, within) for each in value]
    if not isinstance(value, Mapping):
        return value
    inlined = {name: _inlined(each, root, within) for name, each in value.items()}
    if isinstance(name := value.get("$ref"), str) and name not in within:
        part = root["$defs"][name.rpartition("/")[2]]
        inlined["$ref"] = _inlined(part, root, (*within, name))
    return inlined


def _values(old: Mapping[str, Any], new: Mapping[str, Any], where: str) -> Iterator[str]:
    before, was_open = _listed(old)
    after, is_open = _listed(new)
    for value in before:
        if _json(value) not in map(_json, after):
            yield f"{where}: the value {value!r} is gone"
    for value in after if not was_open else ():
        if _json(value) not in map(_json, before):
            yield f"{where}: the value {value!r} is added, which older readers refuse"
    if was_open and not is_open:
        yield f"{where}: an open list becomes closed"


def _listed(schema: Mapping[str, Any]) -> tuple[list[Any], bool]:
    name = _listing(schema)
    if not name:
        return [], False
    return [schema[name]] if name == "const" else schema[name], name == "x-extensible-enum"


def _listing(schema: Mapping[str, Any]) -> str | None:
    """Return the keyword that lists a schema's values; another one beside it is a constraint."""
    return next((name for name in _LISTINGS if name in schema), None)


def _json(value: Any) -> str:
    """Return a value as JSON tells it from others: there, 1 is not true."""
    return json.dumps(value, sort_keys=True)
