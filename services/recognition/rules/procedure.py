"""The procedure as data: the steps, the notice for objections, validity, numbers."""

from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import Field, model_validator

from services.recognition.rules.certificate_number import Numbering
from services.recognition.rules.dated import Dated
from shared.decisions.rule_file import Entry, Period
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


class Scoring(Entry):
    """Who assesses a candidacy beyond its prerequisites. There are no points and no pass mark."""

    decided_by: Literal["joint-committee"]
    source: str


class Validity(Entry):
    """The months for which a label is valid."""

    months: Annotated[int, Field(ge=1, le=600)]
    source: str


class Steps(Entry):
    """The steps of a round, in the scheme's order."""

    in_order: tuple[Step, ...]
    source: str

    @model_validator(mode="after")
    def _is_the_schemes_order(self) -> "Steps":
        if [each for each in ORDER if each in self.in_order] != list(self.in_order):
            msg = f"Must name each step once and in this order: {', '.join(ORDER)}"
            raise ValueError(msg)
        if missing := _INDISPENSABLE.difference(self.in_order):
            msg = f"Must award no label without {', '.join(sorted(missing))}."
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
        """The numbering of this pattern."""
        return Numbering(self.pattern)


class Procedure(Dated):
    """The procedure of the rounds from a year on, until the next entry."""

    steps: Steps
    notice: Period
    validity: Validity
    certificates: Certificates
    scoring: Scoring | None = None
    processing: dict[Step, Period] = Field(default_factory=dict)

    def first_step(self, decided_on: date) -> dict[str, Any]:
        """Return `following` for the first step, which comes after the prerequisites."""
        return self.following(self.steps.in_order[0], decided_on)

    def following(self, step: Step | None, decided_on: date) -> dict[str, Any]:
        """Return the event's fields about the next step after a decision on a Hong Kong day.

        Fields that are not set, or for which the calendar has no data, are left out.
        """
        if step is None or (period := self.processing.get(step)) is None:
            return {"next_step": step}
        last_day = period.last_day(decided_on)
        return {
            "next_step": step,
            "next_step_working_days": period.working_days,
            "next_step_calendar": period.calendar,
            "next_step_by": last_day.isoformat() if last_day else None,
        }
