"""The fields of a JSON Schema, in words."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple


class Field(NamedTuple):
    """A field of an event, as a row of a table shows it."""

    name: str
    required: str
    type: str
    unit: str


def fields_of(schema: Mapping[str, Any]) -> list[Field]:
    """Return the fields of an object's schema."""
    required = schema.get("required", ())
    return [
        Field(name, "yes" if name in required else "no", _type(each), _unit(name, each))
        for name, each in schema["properties"].items()
    ]


def _type(schema: Mapping[str, Any]) -> str:
    return "; or ".join(dict.fromkeys(_kinds(schema)))


def _kinds(schema: Mapping[str, Any]) -> Iterator[str]:
    if several := schema.get("anyOf") or schema.get("oneOf"):
        for each in several:
            yield from _kinds(each)
    elif "$ref" in schema:
        part = schema["$ref"].rpartition("/")[2]
        yield f"[{part}](#{part.lower()})"
    elif "enum" in schema or "const" in schema:
        yield _listed(schema.get("enum") or [schema["const"]])
    elif "x-extensible-enum" in schema:
        yield f"open: {_listed(schema['x-extensible-enum'])}"
    else:
        yield _plain(schema)


def _listed(values: list[Any]) -> str:
    return ", ".join(f"`{each}`" for each in values)


def _plain(schema: Mapping[str, Any]) -> str:
    if schema["type"] == "array":
        return f"list of {_type(schema['items'])}"
    if schema["type"] == "object":
        names = schema.get("propertyNames", {}).get("enum")
        values = _type(schema.get("additionalProperties", {"type": "value"}))
        return f"object: {values} by {_listed(names)}" if names else f"object of {values}"
    kind: str = schema["type"]
    return _FORMATS.get(schema.get("format", ""), kind) + _limits(schema)


def _limits(schema: Mapping[str, Any]) -> str:
    limits = [text.format(schema[key]) for key, text in _LIMITS.items() if key in schema]
    return f" ({', '.join(limits)})" if limits else ""


def _unit(name: str, schema: Mapping[str, Any]) -> str:
    if unit := next((unit for end, unit in _UNITS.items() if name.endswith(end)), ""):
        return unit
    return "day in Hong Kong" if "day" in _type(schema).split("; or ") else ""


_FORMATS: Final = {"date": "day", "date-time": "time", "email": "e-mail address"}
_LIMITS: Final = {
    "minimum": "at least {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "at most {:,}",
    "maxLength": "at most {} characters",
    "maxItems": "at most {}",
}
_UNITS: Final = {
    "_cents": "Hong Kong cents",
    "_percent": "%",
    "_at": "RFC 3339, with time zone",
    "working_days": "working days",
    "months_at_most": "months",
    "_year": "calendar year",
    "_hash": "SHA-256 in hexadecimal",
}
