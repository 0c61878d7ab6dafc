"""The compatibility gate: what two versions of a contract do to each other's readers.

A change is a break if readers of the old contract may fail on new events, or readers of the new one
on old events, which stay on their topics for ever. An event may gain optional fields, and an open
list of values may gain values; nothing else may change. What is not on the wire, such as
descriptions and the names of parts, may.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

RECIPE = (
    "Undo it, or publish a new type of event on a topic that ends in .v2 beside this one: "
    "docs/upgrading.md, 'A breaking change'."
)
_WORDS = {"title", "description", "examples", "discriminator", "$defs"}
_PARTS = {"properties", "required", "enum", "const", "x-extensible-enum", "$ref"}
_LISTS = ("anyOf", "oneOf")
_INNER = ("items", "additionalProperties", "propertyNames")


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

    def _schema(self, old: Mapping[str, Any], new: Mapping[str, Any], where: str) -> Iterator[str]:
        old, new = _resolved(old, self.old), _resolved(new, self.new)
        yield from _constraints(old, new, where)
        yield from _values(old, new, where)
        yield from self._fields(old, new, where)
        for name in _INNER:
            if isinstance(old.get(name), Mapping) and isinstance(new.get(name), Mapping):
                yield from self._schema(old[name], new[name], f"{where}[]")
        for name in _LISTS:
            yield from self._variants(old.get(name, []), new.get(name, []), where)

    def _fields(self, old: Mapping[str, Any], new: Mapping[str, Any], where: str) -> Iterator[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        for name, field in before.items():
            if name in after:
                yield from self._schema(field, after[name], f"{where}.{name}")
            else:
                yield f"{where}.{name} is gone"
        was, now = set(old.get("required", ())), set(new.get("required", ()))
        for name in sorted(now - was):
            yield f"{where}.{name} becomes required, and older events lack it"
        for name in sorted((was - now) & after.keys()):
            yield f"{where}.{name} becomes optional, and older readers need it"

    def _variants(self, old: list[Any], new: list[Any], where: str) -> Iterator[str]:
        if len(old) != len(new):
            yield f"{where} has {len(new)} forms instead of {len(old)}"
        for number, (before, after) in enumerate(zip(old, new, strict=False), 1):
            form = f" form {number}" if len(old) > 1 and {"type": "null"} not in old else ""
            yield from self._schema(before, after, f"{where}{form}")


def _resolved(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in schema:
        return schema
    part: Mapping[str, Any] = root["$defs"][schema["$ref"].rpartition("/")[2]]
    return {**part, **{name: each for name, each in schema.items() if name != "$ref"}}


def _constraints(old: Mapping[str, Any], new: Mapping[str, Any], where: str) -> Iterator[str]:
    """Name what is narrowed or widened: the one breaks new readers, the other old ones."""
    for name in sorted((old.keys() | new.keys()) - _WORDS - _PARTS - set(_LISTS)):
        before, after = old.get(name), new.get(name)
        if name in _INNER and isinstance(before, Mapping) and isinstance(after, Mapping):
            continue
        if before != after:
            yield f"{where}: {name} changes from {before} to {after}"


def _values(old: Mapping[str, Any], new: Mapping[str, Any], where: str) -> Iterator[str]:
    before, was_open = _listed(old)
    after, is_open = _listed(new)
    for value in before:
        if value not in after:
            yield f"{where}: the value {value!r} is gone"
    for value in after if not was_open else ():
        if value not in before:
            yield f"{where}: the value {value!r} is added, which older readers refuse"
    if was_open and not is_open:
        yield f"{where}: an open list becomes closed"


def _listed(schema: Mapping[str, Any]) -> tuple[list[Any], bool]:
    if "x-extensible-enum" in schema:
        return schema["x-extensible-enum"], True
    return schema.get("enum") or [schema[name] for name in ("const",) if name in schema], False
