"""What a value must be, in one sentence for whoever gave it: never with the value itself."""

import re
from collections.abc import Mapping
from typing import Any, Final

_DATE: Final = "Must be a valid date, such as 2026-11-30."
_MOMENT: Final = "Must be a valid datetime, such as 2026-11-30T12:00:00+08:00."
_NUMBER: Final = "Must be a number."
_WHOLE_NUMBER: Final = "Must be a whole number."
_YES_OR_NO: Final = "Must be true or false."
_MESSAGES: Final = {
    "bool_parsing": _YES_OR_NO,
    "bool_type": _YES_OR_NO,
    "date_from_datetime_inexact": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_parsing": _DATE,
    "date_type": _DATE,
    "datetime_from_date_parsing": _MOMENT,
    "datetime_parsing": _MOMENT,
    "datetime_type": _MOMENT,
    "decimal_parsing": _NUMBER,
    "decimal_type": _NUMBER,
    "extra_forbidden": "Must not be given here: remove it, or check its spelling.",
    "float_parsing": _NUMBER,
    "float_type": _NUMBER,
    "int_from_float": _WHOLE_NUMBER,
    "int_parsing": _WHOLE_NUMBER,
    "int_parsing_size": _WHOLE_NUMBER,
    "int_type": _WHOLE_NUMBER,
    "json_invalid": "Must be valid JSON.",
    "list_type": "Must be a list.",
    "missing": "Must be given.",
    "string_pattern_mismatch": "Must have the form that its documentation shows.",
    "timezone_aware": "Must have a time zone, such as +08:00 or Z.",
    "tuple_type": "Must be a list.",
    "union_tag_not_found": "Must say of which kind it is.",
}
# "String should have at most 5 characters", "Decimal input should have no more than 2 digits".
_SHOULD: Final = re.compile(r"^(?:[A-Z]\w*(?: \w+)?|) ?should (?=be|have|match|contain|not)")
# What Python calls a dictionary is a table in the files and an object in the requests of users.
_DICTIONARY: Final = re.compile(r"(?<=^Must be )a valid dictionary.*$")
_RAISED: Final = re.compile(r"^(?:Value error|Assertion failed), ")
# What follows the comma quotes the value or the parser.
_DETAIL: Final = re.compile(r", (?:unable|got|exceeded|error|not more|not \d).*$")


def broken_rule(error: Mapping[str, Any]) -> str:
    """Return the rule that a value breaks, as "Must ...".

    `error` is one of pydantic's `ValidationError.errors()`. A validator's own `ValueError` has to
    be worded this way, and without the value.
    """
    context = error.get("ctx", {})
    if error["type"] == "union_tag_invalid":
        return f"Must be one of {context['expected_tags']}."
    if error["type"] in {"string_too_short", "too_short"} and context["min_length"] == 1:
        return "Must not be empty."
    return _MESSAGES.get(error["type"]) or _sentence(error["msg"])


def _sentence(message: str) -> str:
    told = _SHOULD.sub("Must ", _DETAIL.sub("", _RAISED.sub("", message))).rstrip(".")
    told = _DICTIONARY.sub("a table of names and values", told)
    return f"{told}." if told.startswith("Must ") else f"Must be valid: {told}."
