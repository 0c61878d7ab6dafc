"""Parameters of the fields of forms, for the macros of govuk-frontend."""

from collections.abc import Iterable
from typing import Any

Option = tuple[str, str]
"""A value, and the words for it."""


def select(
    name: str, label: str, options: Iterable[Option], value: str = "", hint: str = ""
) -> dict[str, Any]:
    """Return the parameters of a select; the first option is that of an open question."""
    more = {"hint": {"text": hint}} if hint else {}
    return more | {
        "id": name,
        "name": name,
        "label": {"text": label},
        "value": value,
        "items": [{"value": each, "text": text} for each, text in options],
    }
