"""Decisions in MongoDB. The one module that knows their documents."""

from dataclasses import dataclass
from datetime import datetime

from shared.decisions import MongoDecisions
from shared.events.eligibility import Outcome
from shared.events.envelope import Reason
from shared.events.intake import FundingStream
from shared.mongo import Database


@dataclass(frozen=True, slots=True)
class Decided:
    """The data of one `EligibilityDecided`, in the event's own field names and order."""

    application_id: str
    version: int
    stream: FundingStream
    outcome: Outcome
    grant_cents: int | None
    indicative_grant_cents: int | None
    phase: str | None
    reasons: tuple[Reason, ...]
    rule_version: str
    received_at: datetime
    decided_at: datetime

    @property
    def scheme(self) -> str:
        """The stream that the decision is counted under."""
        return self.stream


def decisions_in(database: Database) -> MongoDecisions[Decided]:
    """Find the service's decisions in its database."""
    return MongoDecisions(database["decisions"], Decided)
