"""The body of a submission, and how it is validated."""

from typing import Final

from pydantic import AwareDatetime, TypeAdapter

from shared.events.envelope import EventData
from shared.events.intake import Application, Contact
from shared.http.body_reader import BodyReader


class Submission(EventData):
    """An application with its contact person.

    `received_at` is when a paper form was received; only keys with the right `backdate` may set it.
    """

    application: Application
    contact: Contact
    received_at: AwareDatetime | None = None


_READER: Final = BodyReader(Submission)
SUBMISSION: Final[TypeAdapter[Submission]] = _READER.adapter


def read_submission(body: bytes) -> Submission:
    """Parse a body; raises `Problem` with every wrong field and the rule that it breaks."""
    return _READER.read(body)
