"""Validates each line of a file of rulings."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Annotated, Any, Final

import orjson
from pydantic import StringConstraints, TypeAdapter, ValidationError

from cli.import_rulings.case_numbers import id_of_case
from cli.import_rulings.checked import Checked, Fact, checked
from cli.import_rulings.source import SourceLine
from shared.clock import hong_kong_date
from shared.credit_codes import factory_number_flaw
from shared.events.casework import CaseRuled, ObjectionReceived, ProjectCompleted
from shared.events.doors import at_doors
from shared.events.envelope import Reason
from shared.events.values import ONE_VISIBLE_LINE
from shared.events.values import Line as TextLine
from shared.http.json_flaws import flaws, may_be_flawed, pointer_part
from shared.identifiers import canonical
from shared.validation import broken_rule

_COMPLAINTS_AT_MOST: Final = 20
_BEFORE_THE_PROGRAMME: Final = date(2008, 1, 1)
_NOT_OF_THE_TYPE: Final = "Must not be given for this type: leave it out."
_NUMBER_OF_FACTORY: Final = (
    "Must be 8 to 20 capital letters, digits or hyphens. If a spreadsheet shows it as 9.14E+17, "
    "format the column as text and enter the number again."
)
_PATTERNS: Final = {
    TypeAdapter(at_doors(kind)).json_schema()["properties"][field]["pattern"]: rule
    for kind, field, rule in (
        (CaseRuled, "application_id", "Must be a UUID."),
        (CaseRuled, "ruling_id", "Must be 1 to 64 letters, digits, dots, hyphens or underscores."),
        (
            ProjectCompleted,
            "factory_registration_number",
            _NUMBER_OF_FACTORY,
        ),
    )
} | {
    ONE_VISIBLE_LINE: (
        "Must be on one line with something visible on it, without control characters, "
        "noncharacters or marks that turn the direction of text."
    )
}
_KINDS: Final[Mapping[str, TypeAdapter[Fact]]] = {
    kind.__name__: TypeAdapter(at_doors(kind))
    for kind in (CaseRuled, ObjectionReceived, ProjectCompleted)
}
_CASE_NUMBER: Final[TypeAdapter[str]] = TypeAdapter(at_doors(TextLine))
_SENTENCE: Final[TypeAdapter[str]] = TypeAdapter(
    Annotated[str, StringConstraints(min_length=1, max_length=1_000, pattern=ONE_VISIBLE_LINE)]
)


@dataclass(frozen=True, slots=True)
class Complaint:
    """One error in a line: the field or column, and the rule that it breaks."""

    line: int
    field: str
    rule: str


class _WrongError(Exception):
    def __init__(self, *errors: tuple[str, str]) -> None:
        super().__init__()
        self.errors = errors


def check(line: SourceLine, today: date) -> Checked | list[Complaint]:
    """Check one line by itself; return its event, or all errors at once."""
    try:
        return checked(line.number, _data(line, today))
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
        raise _WrongError(*(_flaws(line) or [("", f"Must be JSON: {error}.")])) from error
    if may_be_flawed(line.body) and (found := _flaws(line)):
        raise _WrongError(*found)
    if not isinstance(document, dict):
        raise _WrongError(("", "Must be a JSON object."))
    return document


def _flaws(line: SourceLine) -> list[tuple[str, str]]:
    found = flaws(line.body)[:_COMPLAINTS_AT_MOST]
    return [(_field(each.pointer, line), each.rule) for each in found]


def _kind_of(document: dict[str, Any]) -> str:
    kind = document.pop("type", None)
    if not isinstance(kind, str) or kind not in _KINDS:
        raise _WrongError(("type", f"Must be one of {', '.join(_KINDS)}."))
    return kind


def _name_application(document: dict[str, Any]) -> None:
    if "case_number" in document:
        document["application_id"] = _id_of_case_in(document)
    elif "application_id" not in document:
        raise _WrongError(("application_id", "Must be given, or case_number in its place."))
    elif isinstance(typed := document["application_id"], str):
        document["application_id"] = typed.lower()  # a UUID may be written in any case


def _id_of_case_in(document: dict[str, Any]) -> str:
    if "application_id" in document:
        raise _WrongError(("case_number", "Must not be given with application_id: leave one out."))
    try:
        number = _CASE_NUMBER.validate_python(document["case_number"], strict=True)
    except ValidationError as error:
        raise _WrongError(("case_number", _rule(error.errors()[0]))) from error
    if not canonical(number):
        raise _WrongError(("case_number", "Must have a letter or a digit."))
    return id_of_case(number)


def _breaches(data: Fact, today: date) -> Iterator[tuple[str, str]]:
    field, day = _day_of(data)
    if day > today:
        yield field, "Must not be in the future."
    if day < _BEFORE_THE_PROGRAMME:
        yield field, "Must not be before 2008, when the Programme started."
    if isinstance(data, CaseRuled):
        yield from _breaches_of_ruling(data)
    elif isinstance(data, ProjectCompleted) and (
        flaw := factory_number_flaw(data.factory_registration_number)
    ):
        yield "factory_registration_number", flaw


def _day_of(data: Fact) -> tuple[str, date]:
    if isinstance(data, CaseRuled):
        return "ruled_at", _hong_kong_day(data.ruled_at)
    if isinstance(data, ObjectionReceived):
        return "received_at", _hong_kong_day(data.received_at)
    return "completed_on", data.completed_on


def _hong_kong_day(moment: datetime) -> date:
    try:
        return hong_kong_date(moment)
    except OverflowError:  # at the ends of the calendar no zone makes a difference
        return moment.date()


_OF_A_STEP: Final = (
    "adjusted_cost_cents",
    "grant_cents",
    "notice_from",
    "notice_to",
    "objection_id",
)
_ALLOWED: Final[Mapping[str, frozenset[str]]] = {
    "funding": frozenset({"adjusted_cost_cents", "grant_cents"}),
    "notice-period": frozenset({"notice_from", "notice_to", "objection_id"}),
}


def _misplaced(field: str, data: CaseRuled) -> Iterator[tuple[str, str]]:
    if field not in _ALLOWED.get(data.step, ()):
        yield field, f"Must not be given for the step {data.step}: leave it out."
    elif data.objection_id and field != "objection_id":
        yield field, "Must not be given for a ruling on an objection: leave it out."


def _breaches_of_ruling(data: CaseRuled) -> Iterator[tuple[str, str]]:
    if data.notice_from and data.notice_to and data.notice_to < data.notice_from:
        yield "notice_to", "Must not be before notice_from."
    for field in _OF_A_STEP:
        if getattr(data, field) is not None:
            yield from _misplaced(field, data)
    for reason in data.reasons:
        yield from _breaches_of_reason(reason)


def _breaches_of_reason(reason: Reason) -> Iterator[tuple[str, str]]:
    # Applicants read these texts in mails.
    for name, text in asdict(reason).items():
        try:
            _SENTENCE.validate_python(text, strict=True)
        except ValidationError as error:
            yield f"reason_{name}", _rule(error.errors()[0])


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
    if error["type"] == "extra_forbidden":
        return _NOT_OF_THE_TYPE
    pattern = error.get("ctx", {}).get("pattern", "")
    return _PATTERNS.get(pattern) or broken_rule(error)
