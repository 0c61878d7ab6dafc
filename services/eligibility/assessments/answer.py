"""The answer of a dry run, by the rules that decide applications. Pure."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import Field

from services.eligibility.assessments.questions import Asked
from services.eligibility.assessments.unstated import Unstated, unstated, without_history
from services.eligibility.rules.amounts import Amounts
from services.eligibility.rules.catalogue import REASONS
from services.eligibility.rules.outlook import Decided, Outlooks
from services.eligibility.rules.programme import Programme
from services.eligibility.rules.rules import Evaluation, decide, outcome_of
from shared.decisions.reasons import load_reasons
from shared.events.eligibility import Outcome, Outlook
from shared.events.envelope import EventData, Reason
from shared.events.intake import FundingApplication, FundingStream


class NotJudged(EventData):
    """A field that is not stated, and the codes of the reasons that depend on it.

    The form asks for a `required` one.
    """

    pointer: str
    required: bool
    reasons: tuple[str, ...]


class Assessment(EventData):
    """What the rules say to the answers: `EligibilityDecided`, as far as it can be known.

    `outcome` is null while a required field that is not stated could change it;
    `outcome_so_far` is that of what was judged. `grant_cents` is null unless the grant is certain;
    `indicative_grant_cents` is what the terms would give for the cost. `without_history` has the
    codes of the reasons that depend on the history of the factory, which was not looked up; `note`
    says so for readers.
    """

    as_of: date
    stream: FundingStream
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
    outlook: Annotated[Outlook | None, Field(strict=False)]
    not_judged: tuple[NotJudged, ...]
    without_history: tuple[str, ...]
    note: Reason


_NOTE: Final = load_reasons(Path(__file__).with_name("note.toml"))["dry-run"]


class Assessor:
    """Answers dry runs by one programme."""

    def __init__(self, programme: Programme) -> None:
        self._programme = programme
        self._outlooks = Outlooks(programme)

    def assess(self, asked: Asked, application: FundingApplication, as_of: date) -> Assessment:
        """Try what is asked, completed as `application`, as if it were received on a day."""
        decided = decide(application, as_of, self._programme)
        terms = self._programme.on(as_of).terms.get(asked.stream)
        open_fields = unstated(asked, terms, self._programme)
        reasons = _judged(decided, open_fields)
        outcome_so_far = outcome_of(reasons)
        outcome: Outcome | None = outcome_so_far
        if outcome_so_far != "ineligible" and any(e.may_change_outcome for e in open_fields):
            outcome = None
        amounts = decided.amounts if asked.project.cost_cents is not None else None
        return Assessment(
            as_of=as_of,
            stream=asked.stream,
            outcome=outcome,
            outcome_so_far=outcome_so_far,
            **_grants(outcome, amounts),
            phase=decided.phase,
            reasons=REASONS.reasons(reasons),
            conditions=REASONS.reasons(decided.conditions),
            rule_version=self._programme.version,
            eligible_cost_cents=asked.project.cost_cents,
            share_percent=decided.amounts.share_percent,
            ceiling_cents=decided.amounts.ceiling_cents,
            requested_cents=asked.project.requested_cents,
            outlook=self._outlook(asked, decided, outcome, as_of),
            not_judged=tuple(NotJudged(**each._asdict()) for each in open_fields),
            without_history=without_history(asked),
            note=_NOTE,
        )

    def _outlook(
        self, asked: Asked, decided: Evaluation, outcome: Outcome | None, as_of: date
    ) -> Any:
        if outcome is None:
            return None
        return self._outlooks.of(Decided(asked.stream, decided.phase, outcome), as_of, as_of)


def _judged(decided: Evaluation, open_fields: Iterable[Unstated]) -> tuple[str, ...]:
    """Return the reasons that depend on no field for which a placeholder stands."""
    pending = {code for each in open_fields if each.required for code in each.reasons}
    return tuple(each for each in decided.reasons if each not in pending)


def _grants(outcome: Outcome | None, amounts: Amounts | None) -> dict[str, int | None]:
    offered = amounts.grant_cents if amounts else None
    grant = {"eligible": offered, "ineligible": 0}.get(outcome or "")
    indicative = offered if outcome in {None, "referred"} else None
    return {"grant_cents": grant, "indicative_grant_cents": indicative}
