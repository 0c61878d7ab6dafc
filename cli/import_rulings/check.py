"""Validates each line of a file of rulings and builds its event."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from hashlib import sha256
from typing import Annotated, Any, Final, TypeAlias
from uuid import UUID, uuid5

import orjson
from pydantic import StringConstraints, TypeAdapter, ValidationError

from cli.import_rulings.source import SourceLine
from shared.clock import HONG_KONG, hong_kong_date, whole_milliseconds
from shared.events.casework import RULINGS, CaseRuled, ProjectCompleted
from shared.events.envelope import EventIdentity, Outgoing, Reason
from shared.events.values import Line as TextLine
from shared.http.json_flaws import flaws, may_be_flawed, pointer_part

Fact: TypeAlias = CaseRuled | ProjectCompleted

_CASES: Final = UUID("6f1f3b52-6f6b-5a55-9a4e-3f2f7f0f6c11")
_COMPLAINTS_AT_MOST: Final = 20
_BEFORE_THE_PROGRAMME: Final = date(2008, 1, 1)
_MESSAGES: Final = {
    "missing": "is required.",
    "extra_forbidden": "is not for this type: leave it out.",
    "int_type": "must be a whole number.",
    "bool_type": "must be true or false.",
    "tuple_type": "must be a list.",
    "timezone_aware": "must have a time zone, such as +08:00 or Z.",
}
_PATTERNS: Final = {
    TypeAdapter(kind).json_schema()["properties"][field]["pattern"]: rule
    for kind, field, rule in (
        (CaseRuled, "application_id", "must be a UUID."),
        (CaseRuled, "ruling_id", "must be 1 to 64 letters, digits, dots, hyphens or underscores."),
        (
            ProjectCompleted,
            "factory_registration_number",
            "must be 8 to 20 capital letters, digits or hyphens.",
        ),
    )
} | {
    TypeAdapter(TextLine).json_schema()["pattern"]: (
        "must be on one line, without control characters or marks that turn the direction of text."
    )
}
_KINDS: Final[Mapping[str, TypeAdapter[Fact]]] = {
    kind.__name__: TypeAdapter(kind) for kind in (CaseRuled, ProjectCompleted)
}
_CASE_NUMBER: Final = TypeAdapter(TextLine)
_ONE_LINE: Final[str] = _CASE_NUMBER.json_schema()["pattern"]
_SENTENCE: Final[TypeAdapter[str]] = TypeAdapter(
    Annotated[str, StringConstraints(min_length=1, max_length=1_000, pattern=_ONE_LINE)]
)


@dataclass(frozen=True, slots=True)
class Complaint:
    """One error in a line: the field or column, and the rule that it breaks."""

    line: int
    field: str
    rule: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A valid line, with its event ready to publish."""

    line: int
    type: str
    event_id: str
    event: Outgoing

    @property
    def digest(self) -> bytes:
        """A hash of the event's content."""
        return sha256(self.event.value or b"").digest()[:16]


class _WrongError(Exception):
    def __init__(self, *errors: tuple[str, str]) -> None:
        super().__init__()
        self.errors = errors


def id_of_case(case_number: str) -> str:
    """Derive the application id of a case older than this platform from its case number."""
    return str(uuid5(_CASES, case_number))


def check(line: SourceLine, today: date) -> Checked | list[Complaint]:
    """Check one line by itself; return its event, or all errors at once."""
    try:
        return _checked(line.number, _data(line, today))
    except _WrongError as error:
        return [Complaint(line.number, *each) for each in error.errors]
    except ValidationError as error:
        errors = error.errors()[:_COMPLAINTS_AT_MOST]
        return [Complaint(line.number, *_broken_rule(each, line)) for each in errors]


def _data(line: SourceLine, today: date) -> Fact:
    document = _document(line)
    kind = _KINDS[_kind_of(document)]
    _name_application(document)
    data = kind.validate_json(orjson.dumps(document), extra="forbid")
    wrong = list(_breaches(data, today))
    if wrong:
        raise _WrongError(*wrong)
    return data


def _document(line: SourceLine) -> dict[str, Any]:
    try:
        document = orjson.loads(line.body)
    except orjson.JSONDecodeError as error:
        raise _WrongError(*(_flaws(line) or [("", f"is not JSON: {error}.")])) from error
    if may_be_flawed(line.body) and (found := _flaws(line)):
        raise _WrongError(*found)
    if not isinstance(document, dict):
        raise _WrongError(("", "must be a JSON object."))
    return document


def _flaws(line: SourceLine) -> list[tuple[str, str]]:
    found = flaws(line.body)[:_COMPLAINTS_AT_MOST]
    return [(_field(each.pointer, line), _lower(each.rule)) for each in found]


def _kind_of(document: dict[str, Any]) -> str:
    kind = document.pop("type", None)
    if not isinstance(kind, str) or kind not in _KINDS:
        raise _WrongError(("type", f"must be one of {', '.join(_KINDS)}."))
    return kind


def _name_application(document: dict[str, Any]) -> None:
    if "case_number" not in document:
        if "application_id" not in document:
            raise _WrongError(("application_id", "is required, or case_number in its place."))
        if isinstance(typed := document["application_id"], str):
            document["application_id"] = typed.lower()  # a UUID may be written in any case
        return
    if "application_id" in document:
        raise _WrongError(("case_number", "must not be given with application_id: leave one out."))
    try:
        number = _CASE_NUMBER.validate_python(document.pop("case_number"), strict=True)
    except ValidationError as error:
        raise _WrongError(("case_number", _rule(error.errors()[0]))) from error
    document["application_id"] = id_of_case(number)


def _breaches(data: Fact, today: date) -> Iterator[tuple[str, str]]:
    field, day = _day_of(data)
    if day > today:
        yield field, "must not be in the future."
    if day < _BEFORE_THE_PROGRAMME:
        yield field, "must not be before 2008, when the Programme started."
    if isinstance(data, CaseRuled):
        yield from _breaches_of_ruling(data)


def _day_of(data: Fact) -> tuple[str, date]:
    if isinstance(data, CaseRuled):
        return "ruled_at", hong_kong_date(data.ruled_at)
    return "completed_on", data.completed_on


def _breaches_of_ruling(data: CaseRuled) -> Iterator[tuple[str, str]]:
    if data.notice_from and data.notice_to and data.notice_to < data.notice_from:
        yield "notice_to", "must not be before notice_from."
    allowed = {
        "funding": {"adjusted_cost_cents", "grant_cents"},
        "notice-period": {"notice_from", "notice_to"},
    }
    for field in ("adjusted_cost_cents", "grant_cents", "notice_from", "notice_to"):
        if getattr(data, field) is not None and field not in allowed.get(data.step, ()):
            yield field, f"is not for the step {data.step}: leave it out."
    for reason in data.reasons:
        yield from _breaches_of_reason(reason)


def _breaches_of_reason(reason: Reason) -> Iterator[tuple[str, str]]:
    # Applicants read these texts in mails.
    for name, text in asdict(reason).items():
        try:
            _SENTENCE.validate_python(text, strict=True)
        except ValidationError as error:
            yield f"reason_{name}", _rule(error.errors()[0])


def _checked(number: int, data: Fact) -> Checked:
    kind, key = type(data).__name__, f"{data.application_id}:{_own_id(data)}"
    identity = EventIdentity(kind, data.application_id, key, _moment(data))
    event = identity.record(RULINGS, data.model_dump_json().encode())
    return Checked(number, kind, identity.id, event)


def _own_id(data: Fact) -> str:
    return data.ruling_id if isinstance(data, CaseRuled) else "completed"


def _moment(data: Fact) -> datetime:
    if isinstance(data, CaseRuled):
        return whole_milliseconds(data.ruled_at)
    return datetime.combine(data.completed_on, time(), HONG_KONG).astimezone(UTC)


def _broken_rule(error: Mapping[str, Any], line: SourceLine) -> tuple[str, str]:
    pointer = "".join(pointer_part(str(part)) for part in error["loc"])
    return _field(pointer, line), _rule(error)


def _field(pointer: str, line: SourceLine) -> str:
    """Return the name of the CSV column, or a JSON pointer."""
    if not line.is_csv:
        return pointer
    name, *inner = pointer.strip("/").split("/")
    return f"reason_{inner[-1]}" if name == "reasons" and inner else name


def _rule(error: Mapping[str, Any]) -> str:
    pattern = error.get("ctx", {}).get("pattern", "")
    known = _MESSAGES.get(error["type"]) or _PATTERNS.get(pattern)
    return known or _lower(error["msg"].replace("Input should be", "must be") + ".")


def _lower(rule: str) -> str:
    return rule[:1].lower() + rule[1:]
