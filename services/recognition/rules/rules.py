"""Whether a candidacy meets the prerequisites of its round. Pure: no I/O, no clock, no framework.

All reasons that apply are returned, not only the first. Their codes are in `reasons.toml`.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from services.recognition.rules.dated import in_force
from services.recognition.rules.scheme import (
    CategoryTerms,
    ManufacturingPrerequisites,
    Scheme,
    SupplyChainPrerequisites,
    TechnologyServicePrerequisites,
)
from shared.events.intake import (
    Candidacy,
    Manufacturer,
    SourcingEnterprise,
    TechnologyServiceProvider,
)
from shared.events.recognition import Outcome

# Given beside another application or label, and so not by `decide`: see `claims.py`.
LABEL_CLAIMED: Final = "label-claimed"
# Reasons for refusal, and reasons for referral to a person.
REFUSALS: Final = frozenset(
    {
        "no-open-round",
        "category-not-offered",
        "not-hong-kong-owned",
        "too-few-measures",
        "no-earlier-partner-label",
        "earlier-label-not-past",
        "too-few-factories-engaged",
        "too-few-factories-served",
    }
)
REFERRALS: Final = frozenset(
    {
        "category-start-not-set",
        "factory-place-not-covered",
        "earlier-label-not-on-record",
        LABEL_CLAIMED,
    }
)
MET: Final = "prerequisites-met"
REASON_CODES: Final = REFUSALS | REFERRALS | {MET}


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The outcome for one candidacy, with its reasons as codes in a fixed order."""

    outcome: Outcome
    round_year: int | None
    reasons: tuple[str, ...]


def decide(
    candidacy: Candidacy, received_on: date, scheme: Scheme, label_years: Collection[int] = ()
) -> Evaluation:
    """Decide by the round of the day of receipt, whenever the application is processed.

    `label_years` are the years of the enterprise's stored manufacturing labels. Between two rounds
    the prerequisites of the day's year are checked as well, so that a candidate learns at once what
    else is missing.
    """
    current = scheme.round_on(received_on)
    year = current.year if current else received_on.year
    terms = scheme.terms(candidacy.category)
    reasons = (
        *(() if current else ("no-open-round",)),
        *_about_category(terms, year),
        *_about_prerequisites(candidacy, terms, year, label_years),
    )
    return Evaluation(
        _outcome(reasons),
        current.year if current else None,
        reasons or (MET,),
    )


def _outcome(reasons: tuple[str, ...]) -> Outcome:
    if not REFUSALS.isdisjoint(reasons):
        return "not-qualified"
    return "qualified" if REFERRALS.isdisjoint(reasons) else "referred"


def _about_category(terms: CategoryTerms, year: int) -> Iterator[str]:
    if not terms.since.may_be_past(year):
        yield "category-not-offered"
    elif not terms.since.is_past(year):
        yield "category-start-not-set"


def _about_prerequisites(
    candidacy: Candidacy, terms: CategoryTerms, year: int, label_years: Collection[int]
) -> Iterator[str]:
    match candidacy, in_force(terms.prerequisites, year):
        case Manufacturer(), ManufacturingPrerequisites() as required:
            yield from _about_manufacturer(candidacy, required)
            yield from _about_earlier_label(candidacy, required, year, label_years)
        case SourcingEnterprise(), SupplyChainPrerequisites() as required:
            if candidacy.factories_engaged < required.factories_engaged.at_least:
                yield "too-few-factories-engaged"
        case TechnologyServiceProvider(), TechnologyServicePrerequisites() as required:
            if candidacy.factories_served < required.factories_served.at_least:
                yield "too-few-factories-served"
        case _:
            pass  # no prerequisites before the category existed


def _about_manufacturer(
    candidate: Manufacturer, required: ManufacturingPrerequisites
) -> Iterator[str]:
    if required.hong_kong_owned.required and not candidate.hong_kong_owned:
        yield "not-hong-kong-owned"
    if candidate.factory.place not in required.factory_places.any_of:
        yield "factory-place-not-covered"
    if candidate.measures_implemented < required.measures_implemented.at_least:
        yield "too-few-measures"


def _about_earlier_label(
    candidate: Manufacturer,
    required: ManufacturingPrerequisites,
    year: int,
    label_years: Collection[int],
) -> Iterator[str]:
    """Check stored labels; a person decides on a claim that they do not confirm."""
    claimed_year = candidate.earlier_partner_year
    if not required.earlier_partner_label.required or any(each < year for each in label_years):
        return
    if claimed_year is None:
        yield "no-earlier-partner-label"
    else:
        yield "earlier-label-not-on-record" if claimed_year < year else "earlier-label-not-past"
