"""Decisions in MongoDB. The one module that knows their documents."""

from dataclasses import dataclass
from datetime import datetime

from shared.decisions import MongoDecisions
from shared.events.envelope import Reason
from shared.events.intake import Category
from shared.events.recognition import Outcome
from shared.mongo import Database


@dataclass(frozen=True, slots=True)
class Decided:
    """The data of one `RecognitionDecided`, in the event's own field names and order."""

    application_id: str
    version: int
    category: Category
    outcome: Outcome
    round_year: int | None
    reasons: tuple[Reason, ...]
    rule_version: str
    received_at: datetime
    decided_at: datetime

    @property
    def idempotency_key(self) -> str:
        """One decision for each version of an application."""
        return f"{self.application_id}:{self.version}"

    @property
    def order(self) -> tuple[int]:
        """By version."""
        return (self.version,)

    @property
    def scheme(self) -> str:
        """The category that the decision is counted under."""
        return self.category


def decisions_in(database: Database) -> MongoDecisions[Decided]:
    """Find the service's decisions in its database."""
    return MongoDecisions(database["decisions"], Decided)
