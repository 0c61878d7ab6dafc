"""The answer of `POST /v1/assessments`, as far as the site shows it."""

from datetime import date
from typing import Annotated

from pydantic import Field

from shared.events.eligibility import Outcome, Outlook
from shared.events.envelope import EventData, Reason


class NotJudged(EventData):
    """A field that was not stated, and the codes of the reasons that depend on it."""

    pointer: str
    required: bool
    reasons: tuple[str, ...]


class Assessment(EventData):
    """What the rules say; the fields are explained in `eligibility`'s OpenAPI description."""

    as_of: date
    outcome: Outcome | None
    outcome_so_far: Outcome
    grant_cents: int | None
    indicative_grant_cents: int | None
    phase: str | None
    reasons: tuple[Reason, ...]
    conditions: tuple[Reason, ...]
    rule_version: str
    eligible_cost_cents: int | None
    share_percent: int | None
    ceiling_cents: int | None
    requested_cents: int | None
    outlook: Annotated[Outlook | None, Field(strict=False)] = None
    not_judged: tuple[NotJudged, ...] = ()
    without_history: tuple[str, ...] = ()
    note: Reason
