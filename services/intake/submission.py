"""The body of a submission: what a client sends, and how what is wrong with it is told."""

from collections.abc import Sequence
from typing import Final

from pydantic import AwareDatetime, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from services.intake.field_errors import field_errors, unions_of
from services.intake.refusals import invalid_fields, malformed_json
from shared.events.envelope import EventData
from shared.events.intake import Application, Contact
from shared.json_input import flaws, may_be_flawed
from shared.problems import FieldError, Problem


class Submission(EventData):
    """An application with the person to write to about it.

    `received_at` is when a paper form came in; only keys with the right `backdate` may give it.
    """

    application: Application
    contact: Contact
    received_at: AwareDatetime | None = None


SUBMISSION: Final = TypeAdapter(Submission)
_FLAWS_AT_MOST: Final = 100
_UNIONS: Final = unions_of(SUBMISSION.json_schema())


def read_submission(body: bytes) -> Submission:
    """Read a body; raises the problem that names every wrong field and the rule it breaks."""
    try:
        submission = SUBMISSION.validate_json(body, extra="forbid")
    except ValidationError as error:
        raise _problem(body, error.errors(include_url=False, include_input=False)) from None
    if may_be_flawed(body) and (found := _flaws(body)):
        raise invalid_fields(found)
    return submission


def _problem(body: bytes, errors: Sequence[ErrorDetails]) -> Problem:
    found = _flaws(body)
    if errors[0]["type"] == "json_invalid":
        return invalid_fields(found) if found else malformed_json(errors[0]["ctx"]["error"])
    told = field_errors(errors, _UNIONS)
    pointers = {each.pointer for each in told}
    return invalid_fields([*told, *(each for each in found if each.pointer not in pointers)])


def _flaws(body: bytes) -> list[FieldError]:
    return [FieldError(each.pointer, each.rule) for each in flaws(body)[:_FLAWS_AT_MOST]]
