"""Facts that `recognition` owns. Key: the application's id."""

from typing import Final, Literal

from pydantic import AwareDatetime

from shared.events.envelope import ApplicationId, EventData, Reason, Topic
from shared.events.intake import Category

DECISIONS: Final = Topic("recognition.decisions.v1")

Outcome = Literal["qualified", "not-qualified", "referred"]


class RecognitionDecided(EventData):
    """A candidacy has been checked against the prerequisites of its round.

    `qualified` means that it goes on to on-site assessment and the joint committee; it is no award.
    `round_year` is null where no round was open.
    """

    application_id: ApplicationId
    version: int
    category: Category
    outcome: Outcome
    round_year: int | None
    reasons: tuple[Reason, ...]
    rule_version: str
    received_at: AwareDatetime
    decided_at: AwareDatetime
