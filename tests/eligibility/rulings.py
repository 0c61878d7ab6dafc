"""Officers' rulings on decisions for funding."""

from dataclasses import replace
from typing import Any

from services.eligibility.rules.decision import FundingDecision
from services.eligibility.rules.ruling import Ruling
from shared.events.envelope import Reason
from tests.factories import NOW

OWN = Reason("site-visited", "casework", "Visited.", "已視察。", "已视察。")


def a_ruling(decided: FundingDecision, **changes: Any) -> Ruling:
    ruling = Ruling(
        application_id=decided.application_id,
        version=decided.version,
        ruling_id="R-1",
        approved=True,
        adjusted_cost_cents=None,
        grant_cents=None,
        reasons=(OWN,),
        ruled_at=NOW.replace(hour=9),
    )
    return replace(ruling, **changes)
