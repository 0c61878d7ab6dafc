"""How a label is reached, as data: the steps, the notice for objections, validity, numbers."""

from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import Field, model_validator

from services.recognition.rules.certificate_number import Numbering
from services.recognition.rules.dated import Dated, Entry
from shared.calendars import Calendar, YearNotCoveredError, deadline
from shared.events.casework import Step

ORDER: Final[tuple[Step, ...]] = (
    "document-check",
    "on-site-assessment",
    "joint-committee",
    "violation-check",
    "notice-period",
)
"""The steps in the order in which the scheme takes them (S22, S23)."""

_INDISPENSABLE: Final = frozenset(ORDER[2:])


class NoticePeriod(Entry):
    """How long a public notice for objections lasts, and by which calendar that is counted."""

    working_days: Annotated[int, Field(ge=1, le=250)]
    calendar: Calendar
    source: str


class StepTime(Entry):
    """Within how many working days a step is ruled on, once the one before it has been."""

    working_days: Annotated[int, Field(ge=1, le=250)]
    calendar: Calendar
    source: str

    def last_day(self, decided_on: date) -> str | None:
        """Count the working days; a calendar without data for them gives no day."""
        try:
            return deadline(decided_on, self.working_days, self.calendar).day.isoformat()
        except YearNotCoveredError:
            return None


class Scoring(Entry):
    """Who weighs a candidacy beyond its prerequisites. There are no points and no pass mark."""

    decided_by: Literal["joint-committee"]
    source: str


class Validity(Entry):
    """How many months a label may be used from the day on which it becomes valid."""

    months: Annotated[int, Field(ge=1, le=600)]
    source: str


class Steps(Entry):
    """The steps of a round, in the scheme's order."""

    in_order: tuple[Step, ...]
    source: str

    @model_validator(mode="after")
    def _is_the_schemes_order(self) -> "Steps":
        if [each for each in ORDER if each in self.in_order] != list(self.in_order):
            msg = f"name each step once and in this order: {', '.join(ORDER)}"
            raise ValueError(msg)
        if missing := _INDISPENSABLE.difference(self.in_order):
            msg = f"no label is awarded without {', '.join(sorted(missing))}"
            raise ValueError(msg)
        return self


class Certificates(Entry):
    """The pattern of certificate numbers: see `Numbering`."""

    pattern: str
    source: str

    @model_validator(mode="after")
    def _has_a_pattern_that_can_be_read_back(self) -> "Certificates":
        Numbering(self.pattern)
        return self

    @property
    def numbering(self) -> Numbering:
        """The numbers that follow this pattern."""
        return Numbering(self.pattern)


class Procedure(Dated):
    """The way to a label in the rounds from some year on, until the next entry."""

    steps: Steps
    notice: NoticePeriod
    validity: Validity
    certificates: Certificates
    scoring: Scoring | None = None
    processing: dict[Step, StepTime] = Field(default_factory=dict)

    def first_step(self, decided_on: date) -> dict[str, Any]:
        """Tell as `following` does of the first step, which comes after the prerequisites."""
        return self.following(self.steps.in_order[0], decided_on)

    def following(self, step: Step | None, decided_on: date) -> dict[str, Any]:
        """Tell what comes next after a decision of that Hong Kong day, in the event's fields.

        What is not set, or that the calendar has no data for, is left out.
        """
        if step is None or (time := self.processing.get(step)) is None:
            return {"next_step": step}
        return {
            "next_step": step,
            "next_step_working_days": time.working_days,
            "next_step_calendar": time.calendar,
            "next_step_by": time.last_day(decided_on),
        }
