"""The data of one decision."""

from datetime import datetime
from typing import NamedTuple

from services.recognition.rules.procedure import ORDER
from shared.calendars import Calendar
from shared.decisions.shared_values import Reasons
from shared.events.casework import Step
from shared.events.intake import Category
from shared.events.recognition import Outcome


class RecognitionDecision(NamedTuple):
    """The data of one `RecognitionDecided`, with the event's field names in their order."""

    application_id: str
    version: int
    category: Category
    outcome: Outcome
    round_year: int | None
    reasons: Reasons
    rule_version: str
    received_at: datetime
    decided_at: datetime
    step: Step | None = None
    next_step: Step | None = None
    notice_ends_on: str | None = None
    notice_calendar: Calendar | None = None
    next_step_working_days: int | None = None
    next_step_calendar: Calendar | None = None
    next_step_by: str | None = None
    objection_id: str | None = None

    @property
    def shared_fields(self) -> tuple[str, ...]:
        """The fields that hold shared values."""
        return ("reasons",)

    @property
    def idempotency_key(self) -> str:
        """For each version: one decision on the prerequisites, one on each step, one refusal.

        While the award is on hold: one for each objection and one when it is settled, and one if
        another has the claim to the label.
        """
        key = f"{self.application_id}:{self.version}"
        if self.step is None:
            return key
        if self.outcome == "not-qualified":
            return f"{key}:refused"
        if self.objection_id:
            return f"{key}:objection:{self.objection_id}:{self.outcome}"
        return f"{key}:{self.step}" if self.outcome == "qualified" else f"{key}:claimed"

    @property
    def order(self) -> tuple[object, ...]:
        """By version; then prerequisites, steps in their order, what holds the award, a refusal."""
        if self.step is None:
            return self.version, 0
        if self.outcome == "not-qualified":
            return self.version, 2 + len(ORDER)
        if self.objection_id or self.outcome == "referred":
            return self.version, 1 + len(ORDER), self.decided_at
        return self.version, 1 + ORDER.index(self.step)

    @property
    def scheme(self) -> str:
        """The category that the decision is counted under."""
        return self.category
