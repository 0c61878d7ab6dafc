"""A prefilled application to take along: a line for `cppp submit`, null where to fill in. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from shared.events.envelope import Language

FILE_NAME: Final = "application.ndjson"
MEDIA_TYPE: Final = "application/x-ndjson"
_FACTORY_APPLICATION: Final = {
    "enterprise": ("name", "business_registration_number"),
    "connection": ("ground",),
    "factory": ("registration_number", "name", "place", "city", "industry"),
}
_TECHNOLOGY: Final = {"technology": ("name", "on_technology_list", "developed_by")}
_ORGANISATION: Final = {"organisation": ("name", "kind", "based_in_hong_kong")}
_PROJECT: Final = {"project": ("title", "cost_cents", "starts_on", "ends_on")}


@dataclass(frozen=True, slots=True)
class Draft:
    """One line of NDJSON, and the JSON pointers of the fields that are still null in it."""

    line: bytes
    blanks: Sequence[str]


def draft(stated: Mapping[str, Any], language: Language) -> Draft:
    """Return an application as far as it is stated.

    `stated` has the fields of `application` of a submission, `stream` at least. What every such
    application has and is not stated is null, so `cppp submit` names it instead of sending.
    """
    parts = {name: _with_blanks(stated.get(name, {}), all_) for name, all_ in _parts(stated)}
    contact = {"name": None, "email": None, "language": language}
    submission = {"application": {**stated, **parts}, "contact": contact}
    return Draft(orjson.dumps(submission) + b"\n", _blanks(submission))


def _parts(stated: Mapping[str, Any]) -> Sequence[tuple[str, Sequence[str]]]:
    """Return the parts of an application of the stream, with the fields that each must have."""
    if stated["stream"] == "organisation-support":
        return [*_ORGANISATION.items(), *_PROJECT.items()]
    technology = _TECHNOLOGY if stated["stream"] == "new-technology" else {}
    return [*_FACTORY_APPLICATION.items(), *technology.items(), *_PROJECT.items()]


def _with_blanks(stated: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {**dict.fromkeys(names), **stated}


def _blanks(value: Any, pointer: str = "") -> list[str]:
    if isinstance(value, Mapping):
        return [each for k, v in value.items() for each in _blanks(v, f"{pointer}/{k}")]
    return [pointer] if value is None else []
