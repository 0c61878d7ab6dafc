"""A prefilled application to take along: a file for `cppp submit`, with blanks to fill in. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from shared.events.envelope import Language

FILE_NAME: Final = "application.json"
_ENTERPRISE: Final = {"name": "", "business_registration_number": ""}
_FACTORY: Final = {"registration_number": "", "name": "", "place": "", "city": "", "industry": ""}
_PROJECT: Final = {"title": "", "cost_cents": None, "starts_on": "", "ends_on": ""}
_TECHNOLOGY: Final = {"name": "", "on_technology_list": None, "developed_by": ""}
_ORGANISATION: Final = {"name": "", "kind": "", "based_in_hong_kong": None}


@dataclass(frozen=True, slots=True)
class Draft:
    """One line of NDJSON, and the JSON pointers of the fields that are still blank in it."""

    line: bytes
    blanks: Sequence[str]


def draft(stated: Mapping[str, Any], language: Language) -> Draft:
    """Return an application as far as it is stated.

    `stated` has the fields of `application` of a submission, `stream` at least. What every such
    application has and is not stated is blank, so `cppp submit` names it instead of sending.
    """
    application = _completed(stated)
    contact = {"name": "", "email": "", "language": language}
    submission = {"application": application, "contact": contact}
    return Draft(orjson.dumps(submission) + b"\n", _blanks(submission))


def _completed(stated: Mapping[str, Any]) -> dict[str, Any]:
    if stated["stream"] == "organisation-support":
        parts: dict[str, Mapping[str, Any]] = {"organisation": _ORGANISATION}
    else:
        parts = {"enterprise": _ENTERPRISE, "connection": {"ground": ""}, "factory": _FACTORY}
        if stated["stream"] == "new-technology":
            parts["technology"] = _TECHNOLOGY
    filled = {name: {**part, **stated.get(name, {})} for name, part in parts.items()}
    return {**stated, **filled, "project": {**_PROJECT, **stated.get("project", {})}}


def _blanks(value: Any, pointer: str = "") -> list[str]:
    if isinstance(value, Mapping):
        return [each for k, v in value.items() for each in _blanks(v, f"{pointer}/{k}")]
    return [pointer] if value is None or value == "" else []
