"""Applies an officer's ruling to a decision. Pure: the same input gives the same decision."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.eligibility.rules.amounts import Amounts
from services.eligibility.rules.decision import FundingDecision
from services.eligibility.rules.rules import ABOUT_THE_GRANT, REFERRALS, REFUSALS, about_amounts
from shared.decisions.shared_values import Reasons
from shared.events.envelope import Reason


@dataclass(frozen=True, slots=True)
class Ruling:
    """A ruling on one version of an application; amounts in cents, `reasons` the officer's own."""

    application_id: str
    version: int
    ruling_id: str
    approved: bool
    adjusted_cost_cents: int | None
    grant_cents: int | None
    reasons: tuple[Reason, ...]
    ruled_at: datetime
    traceparent: str = ""


def ruled(
    decided: FundingDecision, ruling: Ruling, catalogue: Mapping[str, Reason]
) -> FundingDecision:
    """Apply a ruling. The result is stored beside the original decision, which does not change."""
    amounts = _amounts(decided, ruling)
    grant_cents = _grant_cents(amounts, ruling)
    questions = _open_questions(decided)
    if not ruling.approved:  # a refusal names what failed: it does not speak of a grant
        questions = (each for each in questions if each not in ABOUT_THE_GRANT)
    codes = (*questions, *_codes(amounts, grant_cents, ruling))
    explained = (catalogue[code] for code in codes)
    return decided._replace(
        outcome=_outcome(grant_cents, ruling),
        grant_cents=grant_cents if ruling.approved else 0,
        indicative_grant_cents=None,
        eligible_cost_cents=amounts.cost_cents,
        reasons=Reasons((*explained, *ruling.reasons)),
        conditions=decided.conditions if ruling.approved else Reasons(),
        ruling_id=ruling.ruling_id,
        decided_at=ruling.ruled_at,
    )


def _amounts(decided: FundingDecision, ruling: Ruling) -> Amounts:
    cost_cents = decided.eligible_cost_cents
    if ruling.adjusted_cost_cents is not None:  # an adjustment only ever lowers
        cost_cents = min(cost_cents, ruling.adjusted_cost_cents)
    return Amounts(
        cost_cents, decided.share_percent, decided.ceiling_cents, decided.requested_cents
    )


def _grant_cents(amounts: Amounts, ruling: Ruling) -> int | None:
    """Return the officer's amount up to the known limits; otherwise that of the terms, if known."""
    if ruling.grant_cents is not None:
        limits = (amounts.ceiling_cents, amounts.cost_cents, amounts.requested_cents)
        return min(ruling.grant_cents, *(each for each in limits if each is not None))
    known = amounts.share_percent is not None and amounts.ceiling_cents is not None
    return amounts.grant_cents if known else None


def _outcome(
    grant_cents: int | None, ruling: Ruling
) -> Literal["eligible", "ineligible", "referred"]:
    if not ruling.approved:
        return "ineligible"
    return "referred" if grant_cents is None else "eligible"


def _open_questions(decided: FundingDecision) -> Iterator[str]:
    """Return the reasons for referral, which stay visible beside the ruling."""
    return (each.code for each in decided.reasons if each.code in REFERRALS | REFUSALS)


def _codes(amounts: Amounts, grant_cents: int | None, ruling: Ruling) -> Iterator[str]:
    if not ruling.approved:
        yield "refused-by-officer"
        return
    yield "approved-by-officer"
    if ruling.adjusted_cost_cents == amounts.cost_cents:
        yield "cost-adjusted"
    if ruling.grant_cents is not None:
        yield "amount-set-by-officer"
        if ruling.grant_cents != grant_cents == amounts.requested_cents:
            yield "grant-is-sum-asked-for"
    elif grant_cents is None:
        yield "amount-not-ruled"
    else:
        yield from about_amounts(amounts)
