"""What the site shows of an assessment: words, amounts and steps, each with its source. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from services.portal.self_check.assessment import Assessment, NotJudged
from services.portal.self_check.questions import Form
from shared.events.eligibility import Outlook, ProgrammePublished
from shared.events.envelope import Reason
from shared.events.programme_terms import FundingProcedure
from shared.events.rule_sets import RuleReason

_LEADS_TO: Final = ("refusal", "referral", "explanation")
_OF_OUTCOME: Final = {"ineligible": "refusal", "referred": "referral", "eligible": "explanation"}

Sentence = Reason | RuleReason


class Step(NamedTuple):
    """Something that follows: the key of its words below `next`, their values, and its source."""

    words: str
    values: Mapping[str, Any]
    source: str


class OpenFact(NamedTuple):
    """A fact that was not stated: its question's key, or its name, and what depends on it."""

    question: str
    required: bool
    reasons: Sequence[Sentence]


@dataclass(frozen=True, slots=True)
class Shown:
    """An assessment in the order of the page. `reasons` is by what they lead to."""

    headline: str
    grant_cents: int | None
    is_indicative: bool
    reasons: Mapping[str, Sequence[Reason]]
    open_facts: Sequence[OpenFact]
    history: Sequence[Sentence]
    steps: Sequence[Step]
    marks: frozenset[str] = field(default_factory=frozenset)


def shown(assessment: Assessment, form: Form, programme: ProgrammePublished | None) -> Shown:
    """Return what is shown of an assessment. `programme` has the words of reasons and sources."""
    known = {each.code: each for each in programme.reasons} if programme else {}
    facts = [_open_fact(each, form, known) for each in assessment.not_judged]
    steps = list(_steps(assessment.outlook, _procedure(assessment, programme)))
    history = [known[each] for each in assessment.without_history if each in known]
    return Shown(
        headline=assessment.outcome or f"open-{assessment.outcome_so_far}",
        grant_cents=_amount(assessment),
        is_indicative=assessment.grant_cents is None,
        reasons=_by_effect(assessment, known),
        open_facts=facts,
        history=history,
        steps=steps,
        marks=frozenset(_marks(assessment, facts, history, steps)),
    )


def _amount(assessment: Assessment) -> int | None:
    if assessment.grant_cents is None:
        return assessment.indicative_grant_cents
    return assessment.grant_cents


def _by_effect(
    assessment: Assessment, known: Mapping[str, RuleReason]
) -> Mapping[str, Sequence[Reason]]:
    """Return the reasons by what they lead to, in that order; an unknown one as the outcome is."""
    found: dict[str, list[Reason]] = {each: [] for each in _LEADS_TO}
    for each in assessment.reasons:
        leads_to = known[each.code].leads_to if each.code in known else ""
        fallback = _OF_OUTCOME[assessment.outcome_so_far]
        found[leads_to if leads_to in found else fallback].append(each)
    return {name: reasons for name, reasons in found.items() if reasons}


def _open_fact(fact: NotJudged, form: Form, known: Mapping[str, RuleReason]) -> OpenFact:
    keys = {each.pointer: each.key for each in form.questions}
    name = keys.get(fact.pointer, fact.pointer.rpartition("/")[2])
    return OpenFact(name, fact.required, [known[each] for each in fact.reasons if each in known])


def _procedure(
    assessment: Assessment, programme: ProgrammePublished | None
) -> FundingProcedure | None:
    """Return the procedure of the day, if the site has the rules that the answer is by."""
    if programme is None or programme.rule_version != assessment.rule_version:
        return None
    past = [each for each in programme.procedures if each.since <= assessment.as_of]
    return max(past, key=lambda each: each.since, default=None)


def _steps(outlook: Outlook | None, given: FundingProcedure | None) -> Iterator[Step]:
    if outlook is not None:
        yield from _about_decision(outlook, given)
        yield from _about_project(outlook, given)


def _about_decision(outlook: Outlook, given: FundingProcedure | None) -> Iterator[Step]:
    if outlook.step:
        words = f"{outlook.step}-days" if outlook.working_days else outlook.step
        yield Step(words, {"number": outlook.working_days}, _source_of_step(outlook.step, given))
    if outlook.decided_by:
        yield Step(outlook.decided_by, {}, given.scoring.source if given else "")


def _about_project(outlook: Outlook, given: FundingProcedure | None) -> Iterator[Step]:
    if outlook.months_at_most and outlook.clock_starts:
        source = given.project_clock.source if given else ""
        months = {"number": outlook.months_at_most}
        yield Step(f"months-from-{outlook.clock_starts}", months, source)
    for stage, percent in (outlook.payment_percent or {}).items():
        yield Step(f"paid-{stage}", {"number": percent}, given.payment.source if given else "")
    if outlook.visits_at_least:
        yield Step("visits", {"number": outlook.visits_at_least}, "")


def _source_of_step(step: str, given: FundingProcedure | None) -> str:
    if given is None:
        return ""
    terms = {
        "ruling": given.processing.ruling,
        "agreement": given.processing.agreement,
        "review-request": given.review.within,
    }.get(step)
    return terms.source if terms else ""


def _marks(
    assessment: Assessment,
    facts: Sequence[OpenFact],
    history: Sequence[Sentence],
    steps: Sequence[Step],
) -> Iterator[str]:
    """Return the marks of all sources that are named."""
    sentences = [*assessment.reasons, *assessment.conditions, *history]
    sentences += [reason for each in facts for reason in each.reasons]
    for said in (*(each.source for each in sentences), *(each.source for each in steps)):
        yield from said.split(", ")
