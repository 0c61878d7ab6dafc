"""The body of a submission: what a client sends, and how what is wrong with it is told."""

from typing import Final

from pydantic import AwareDatetime, TypeAdapter, ValidationError

from services.intake.field_errors import field_errors, unions_of
from services.intake.refusals import invalid_fields, malformed_json
from shared.events.envelope import EventData
from shared.events.intake import Application, Contact


class Submission(EventData):
    """An application with the person to write to about it.

    `received_at` is when a paper form came in; only keys with the right `backdate` may give it.
    """

    application: Application
    contact: Contact
    received_at: AwareDatetime | None = None


SUBMISSION: Final = TypeAdapter(Submission)
_UNIONS: Final = unions_of(SUBMISSION.json_schema())


def read_submission(body: bytes) -> Submission:
    """Read a body; raises the problem that names every wrong field and the rule it breaks."""
    try:
        return SUBMISSION.validate_json(body, extra="forbid")
    except ValidationError as error:
        errors = error.errors(include_url=False, include_input=False)
    if errors[0]["type"] == "json_invalid":
        raise malformed_json(errors[0]["ctx"]["error"])
    raise invalid_fields(field_errors(errors, _UNIONS))
