"""The body of a submission, and how it is validated."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, get_args

from pydantic import AwareDatetime, BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from services.intake.http.problems import invalid_fields, malformed_json, not_utf8
from services.intake.submission.field_errors import field_errors, unions_of
from shared.events.doors import at_doors
from shared.events.envelope import EventData
from shared.events.intake import Application, Contact
from shared.files.form import form_of
from shared.http.json_flaws import flaws
from shared.http.problems import FieldError, Problem


class Submission(EventData):
    """An application with its contact person.

    `received_at` is when a paper form was received; only keys with the right `backdate` may set it.
    """

    application: Application
    contact: Contact
    received_at: AwareDatetime | None = None


SUBMISSION: Final[TypeAdapter[Submission]] = TypeAdapter(at_doors(Submission))
_SPACED_COLONS: Final = (b" :", b"\t:", b"\n:", b"\r:")
_FLAWS_AT_MOST: Final = 100
_UNIONS: Final = unions_of(SUBMISSION.json_schema())


def read_submission(body: bytes) -> Submission:
    """Parse a body; raises `Problem` with every wrong field and the rule that it breaks."""
    try:
        submission = SUBMISSION.validate_json(body)
    except ValidationError as error:
        raise _problem(body, error.errors(include_url=False, include_input=False)) from None
    if _may_be_flawed(body, submission) and (found := _flaws(body)):
        raise invalid_fields(found)
    return submission


def _may_be_flawed(body: bytes, submission: Submission) -> bool:
    """Return quickly whether `flaws` must check a body that the validator has accepted.

    Of two equal names the validator takes the last, so there are more names than fields set. Names
    are counted by the characters after them; where texts or spaces mislead this, `flaws` decides.
    """
    names = body.count(b'":')
    if body.count(b":") != names and any(each in body for each in _SPACED_COLONS):
        return True
    return names != _fields_set(submission)


def _fields_set(model: BaseModel) -> int:
    """Return the number of fields that are set in a model and in the models inside it."""
    count, models = 0, [model]
    for each in models:  # grows while it is read
        count += len(each.__pydantic_fields_set__)
        for value in each.__dict__.values():
            items = value if value.__class__ is tuple else (value,)
            models += [item for item in items if item.__class__ in _MODELS]
    return count


def _models_in(kind: Any) -> Iterator[type[BaseModel]]:
    """Return every model type that a model may contain, at any depth."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
        for each in kind.model_fields.values():
            yield from _models_in(each.annotation)
    for part in get_args(kind):
        yield from _models_in(part)


_MODELS: Final = frozenset(_models_in(at_doors(Submission)))


def _problem(body: bytes, errors: Sequence[ErrorDetails]) -> Problem:
    found = _flaws(body)
    if errors[0]["type"] == "json_invalid":
        if form := form_of(body):
            return not_utf8(form)
        return invalid_fields(found) if found else malformed_json(errors[0]["ctx"]["error"])
    wrong = field_errors(errors, _UNIONS)
    pointers = {each.pointer for each in wrong}
    return invalid_fields([*wrong, *(each for each in found if each.pointer not in pointers)])


def _flaws(body: bytes) -> list[FieldError]:
    return [FieldError(each.pointer, each.rule) for each in flaws(body)[:_FLAWS_AT_MOST]]
