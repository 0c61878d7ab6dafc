"""Events of `recognition`. Key: the application's id; of the scheme, its rule version.

No personal data.
"""

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, Field

from shared.calendars import Calendar
from shared.events.casework import RulingId, Step
from shared.events.envelope import ApplicationId, EventData, Publication, Reason, Topic
from shared.events.intake import Category
from shared.events.rule_sets import RULE_VERSION, RuleSetPublished
from shared.events.scheme_terms import LabelCategory, LabelProcedure, RoundTerms
from shared.events.values import Extensible

DECISIONS: Final = Topic("recognition.decisions.v1")
SCHEME: Final = Topic("recognition.scheme.v1")

Outcome = Literal["qualified", "not-qualified", "referred"]


class RecognitionDecided(EventData):
    """A candidacy has been checked: against the prerequisites of its round, or in one of its steps.

    `step` is null for the prerequisites, which come first. `qualified` means that the candidacy
    goes on to `next_step`; it is not an award. `not-qualified` closes it. `round_year` is null if
    no round was open. `notice_ends_on` is the last Hong Kong day for objections, counted by
    `notice_calendar`; both are given once the notice has begun. The ruling on the next step is due
    within `next_step_working_days` of `next_step_calendar`: by `next_step_by`, which is null if
    that calendar has no data yet.

    `referred` in the step `notice-period` means that every step is passed and the award is on
    hold: for the objection `objection_id`, or else because another has the claim to the label.
    `qualified` with an `objection_id` means that this objection has been ruled on and no longer
    holds the award.
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
    step: Step | None = None
    next_step: Step | None = None
    notice_ends_on: Annotated[date, Field(strict=False)] | None = None
    notice_calendar: Annotated[str, Extensible(Calendar)] | None = None
    next_step_working_days: int | None = None
    next_step_calendar: Annotated[str, Extensible(Calendar)] | None = None
    next_step_by: Annotated[date, Field(strict=False)] | None = None
    objection_id: RulingId | None = None


class LabelAwarded(EventData):
    """Every step was passed and the notice ended without a refusal: the label is awarded.

    It is valid from `valid_from` to `valid_to`, both included. `version` is the version of the
    application that the award is based on.
    """

    application_id: ApplicationId
    version: int
    certificate_number: str
    category: Category
    enterprise_name: str
    business_registration_number: str
    round_year: int
    valid_from: date
    valid_to: date
    rule_version: str
    awarded_at: AwareDatetime


class LabelExpired(EventData):
    """The last day of a label has passed in Hong Kong; `expired_at` is the following midnight."""

    application_id: ApplicationId
    version: int
    certificate_number: str
    category: Category
    round_year: int
    valid_to: date
    expired_at: AwareDatetime


class SchemePublished(RuleSetPublished):
    """The terms of the Recognition Scheme by which candidacies are decided from now on.

    Of all events of this topic the one with the latest `in_force_from` is in force; no two have the
    same. A version that takes effect again, as after a roll-back, is published again. Decisions
    name their `rule_version`. The source `setting` marks what the operator has set because no
    source gives it.
    """

    categories: tuple[LabelCategory, ...]
    procedures: tuple[LabelProcedure, ...]
    rounds: tuple[RoundTerms, ...]


PUBLICATIONS: Final = (
    Publication(
        RecognitionDecided,
        DECISIONS,
        "A candidacy was checked against the prerequisites; a ruling has ended one of its steps; "
        "its award was put on hold, or an objection was ruled on.",
    ),
    Publication(
        LabelAwarded,
        DECISIONS,
        "Every step is passed, and the notice period has ended with nothing that holds the award.",
    ),
    Publication(LabelExpired, DECISIONS, "The last day of the label has ended in Hong Kong."),
    Publication(
        SchemePublished,
        SCHEME,
        "The service has started with other terms, or other sentences, than it last decided by.",
        RULE_VERSION,
    ),
)
