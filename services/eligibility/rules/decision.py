"""The data of one decision."""

from datetime import datetime
from typing import NamedTuple

from shared.decisions.shared_values import Reasons, SharedMapping
from shared.events.eligibility import Outcome
from shared.events.intake import FundingStream


class FundingDecision(NamedTuple):
    """The data of one `EligibilityDecided`, with the event's field names in their order."""

    application_id: str
    version: int
    stream: FundingStream
    outcome: Outcome
    grant_cents: int | None
    indicative_grant_cents: int | None
    phase: str | None
    reasons: Reasons
    rule_version: str
    received_at: datetime
    decided_at: datetime
    factory_registration_number: str | None
    eligible_cost_cents: int
    share_percent: int | None
    ceiling_cents: int | None
    facts_hash: str
    conditions: Reasons = Reasons()
    ruling_id: str | None = None
    outlook: SharedMapping | None = None
    requested_cents: int | None = None

    @property
    def shared_fields(self) -> tuple[str, ...]:
        """The fields that hold shared values."""
        return "reasons", "conditions", "outlook"

    @property
    def idempotency_key(self) -> str:
        """One decision for each version of an application, and one more for each ruling on it."""
        key = f"{self.application_id}:{self.version}"
        return f"{key}.{self.ruling_id}" if self.ruling_id else key

    @property
    def order(self) -> tuple[int, bool, datetime]:
        """By version; a ruling comes after its decision, whenever either was made."""
        return self.version, self.ruling_id is not None, self.decided_at

    @property
    def scheme(self) -> str:
        """The stream that the decision is counted under."""
        return self.stream
