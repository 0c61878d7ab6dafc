"""Facts that `eligibility` owns. Key: the application's id."""

from typing import Final, Literal

from pydantic import AwareDatetime

from shared.events.envelope import ApplicationId, EventData, Reason, Topic
from shared.events.intake import FundingStream

DECISIONS: Final = Topic("eligibility.decisions.v1")

Outcome = Literal["eligible", "ineligible", "referred"]


class EligibilityDecided(EventData):
    """A decision has been taken on one version of an application for funding.

    `grant_cents` is the grant of an eligible application, 0 for an ineligible one and null while a
    person has to rule; `indicative_grant_cents` is what the terms would give to a referred one.
    `phase` is null where no phase was open or where it cannot be told. The grant follows from
    `eligible_cost_cents`, `share_percent` and `ceiling_cents`. `facts_hash` is the SHA-256 of all
    that the rules saw. `conditions` are what the applicant owes for a grant. `ruling_id` names the
    officer's ruling that led to the decision, if one did.
    """

    application_id: ApplicationId
    version: int
    stream: FundingStream
    outcome: Outcome
    grant_cents: int | None
    indicative_grant_cents: int | None
    phase: str | None
    reasons: tuple[Reason, ...]
    rule_version: str
    received_at: AwareDatetime
    decided_at: AwareDatetime
    factory_registration_number: str | None
    eligible_cost_cents: int
    share_percent: int | None
    ceiling_cents: int | None
    facts_hash: str
    conditions: tuple[Reason, ...] = ()
    ruling_id: str | None = None
