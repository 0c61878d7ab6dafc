"""Describes which field breaks which rule, without any of the data."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pydantic_core import ErrorDetails

from shared.events.values import ONE_VISIBLE_LINE
from shared.http.json_flaws import pointer_part
from shared.http.problems import FieldError
from shared.validation import broken_rule

_ERRORS_AT_MOST: Final = 100

PATTERNS: Final = {
    r"^[0-9]{8}$": "Must be 8 digits.",
    r"^[0-9A-Z-]{8,20}$": (
        "Must be 8 to 20 capital letters, digits or hyphens. If a spreadsheet shows it as "
        "9.14E+17, format the column as text and enter the number again."
    ),
    r"^\+?[0-9][0-9 -]{5,24}$": (
        "Must be a telephone number: digits, spaces and hyphens, optionally with a leading +."
    ),
    ONE_VISIBLE_LINE: (
        "Must be on one line with something visible on it, without control characters, "
        "noncharacters or marks that turn the direction of text."
    ),
}
_RULES: Final = {
    "bool_type": "Must be true or false.",
    "decimal_parsing": "Must be a number.",
    "decimal_type": "Must be a number.",
    "int_type": "Must be a whole number, without quotation marks.",
    "string_type": "Must be text, in quotation marks.",
    "timezone_aware": "Must have a time zone, such as +08:00 or Z.",
    "tuple_type": "Must be a list.",
    "union_tag_not_found": "Must be given.",
    "value_error": "Must be an e-mail address, such as name@example.org.",
}

Unions = Mapping[str, str]
"""Fields that hold one of several types of object, or a list of such objects, and the field in each
object that identifies its type."""


def unions_of(schema: Any) -> Unions:
    """Return every such field in a JSON schema."""
    return {
        name: kinds["discriminator"]["propertyName"]
        for each in _objects_in(schema)
        for name, field in each.get("properties", {}).items()
        if "discriminator" in (kinds := field.get("items", field))
    }


def _objects_in(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
    children = schema.values() if isinstance(schema, dict) else schema
    for each in children:
        if isinstance(each, dict | list):
            yield from _objects_in(each)


def field_errors(errors: Sequence[ErrorDetails], unions: Unions) -> list[FieldError]:
    """Translate the validator's errors: a JSON pointer (RFC 6901) and a rule for each."""
    found = [FieldError(_pointer(each, unions), _rule(each)) for each in errors[:_ERRORS_AT_MOST]]
    if len(errors) > _ERRORS_AT_MOST:
        found.append(FieldError("", f"And {len(errors) - _ERRORS_AT_MOST} more errors."))
    return found


def _pointer(error: ErrorDetails, unions: Unions) -> str:
    return "".join(pointer_part(str(part)) for part in _path(error, unions))


def _path(error: ErrorDetails, unions: Unions) -> Iterator[int | str]:
    # The validator inserts the chosen kind after the name of a union, or after the number of an
    # object in a list of them; the body has no such level.
    parts = iter(error["loc"])
    union = ""
    for part in parts:
        yield part
        if part in unions:
            union = str(part)
            if isinstance(number := next(parts, None), int):
                yield number
                next(parts, None)
    if error["type"].startswith("union_tag"):
        yield unions[union]


def _rule(error: ErrorDetails) -> str:
    kind, context = error["type"], error.get("ctx", {})
    match kind:
        case "union_tag_invalid":
            return f"Must be one of {context['expected_tags']}."
        case "string_pattern_mismatch":
            return PATTERNS.get(context["pattern"]) or broken_rule(error)
        case "decimal_max_places":
            return f"Must have {context['decimal_places']} decimal places at most."
        case "decimal_whole_digits":
            return f"Must have {context['whole_digits']} digits before the decimal point at most."
        case "string_too_short" | "too_short" if context["min_length"] == 1:
            return "Must not be empty."
    return _RULES.get(kind) or broken_rule(error)
