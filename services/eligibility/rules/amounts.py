"""The grant: the share of the cost up to the ceiling and the sum asked for, in cents. Pure."""

from typing import NamedTuple

from services.eligibility.rules.programme import Terms
from shared.events.intake import FundingApplication


class Amounts(NamedTuple):
    """The inputs of a grant.

    A share or ceiling that no source gives is `None`, and so is a sum that was not asked for.
    """

    cost_cents: int
    share_percent: int | None = None
    ceiling_cents: int | None = None
    requested_cents: int | None = None

    @property
    def share_cents(self) -> int | None:
        """The share of the cost, rounded down to a whole cent."""
        if self.share_percent is None:
            return None
        return self.cost_cents * self.share_percent // 100

    @property
    def offered_cents(self) -> int | None:
        """The share up to the ceiling, whatever was asked for; `None` while no share is set."""
        share_cents, ceiling_cents = self.share_cents, self.ceiling_cents
        if share_cents is None or ceiling_cents is None or share_cents <= ceiling_cents:
            return share_cents
        return ceiling_cents

    @property
    def grant_cents(self) -> int | None:
        """What is offered, up to the sum asked for; `None` while the share is not set."""
        offered_cents, requested_cents = self.offered_cents, self.requested_cents
        if offered_cents is None or requested_cents is None or offered_cents <= requested_cents:
            return offered_cents
        return requested_cents


def amounts(application: FundingApplication, terms: Terms | None) -> Amounts:
    """Return the share and the ceiling that apply to an application."""
    cost_cents = application.project.cost_cents
    requested_cents = application.project.requested_cents
    if terms is None:
        return Amounts(cost_cents, requested_cents=requested_cents)
    ceiling_cents = terms.ceiling_cents
    if application.stream == "new-technology" and application.technology.developed_by != "others":
        ceiling_cents = terms.local_technology_ceiling_cents or ceiling_cents
    return Amounts(cost_cents, terms.share_percent, ceiling_cents, requested_cents)
