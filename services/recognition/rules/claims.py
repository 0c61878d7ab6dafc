"""The claim to a label: one for each enterprise, round and kind of label. Pure: no I/O.

A label takes a claim, and so does every open candidacy. Partner and Excellent Partner are two
grades of one label for manufacturers, so they are one claim. An enterprise may claim labels of
different kinds in one round, such as one for its factory and one for its sourcing.
"""

from collections.abc import Mapping
from typing import Final

from services.recognition.rules.catalogue import REASONS
from services.recognition.rules.decision import RecognitionDecision
from services.recognition.rules.rules import LABEL_CLAIMED, MET
from services.recognition.rules.steps import Case, is_closed
from shared.events.intake import Category
from shared.identifiers import canonical

_KINDS: Final[Mapping[Category, str]] = {
    "partner-manufacturing": "manufacturing",
    "excellent-partner-manufacturing": "manufacturing",
    "partner-supply-chain": "supply-chain",
    "partner-technology-service": "technology-service",
}


def claim_to(registration_number: str, round_year: int, category: Category) -> str:
    """Return the claim to a label: the same text for every label that excludes this one."""
    return f"{round_year}:{_KINDS[category]}:{canonical(registration_number)}"


def claim_of_decision(decision: RecognitionDecision, registration_number: str) -> str | None:
    """Return what an application claims by its prerequisites; a refused one claims nothing."""
    if decision.outcome == "not-qualified" or decision.round_year is None:
        return None
    return claim_to(registration_number, decision.round_year, decision.category)


def claim_of_case(case: Case) -> str | None:
    """Return the claim of a case's latest version; `None` if no round was open."""
    if case.round_year is None:
        return None
    candidate = case.candidate
    return claim_to(candidate.business_registration_number, case.round_year, candidate.category)


def still_claims(case: Case, claim: str) -> bool:
    """Return whether a case keeps a claim that it took.

    A label keeps its claim for ever. An open candidacy keeps it until it is withdrawn or refused,
    or until an amendment claims something else.
    """
    if case.award:
        return case.award.claim == claim
    return not is_closed(case) and claim_of_case(case) == claim


def referred_beside_claim(decision: RecognitionDecision) -> RecognitionDecision:
    """Return the decision on an application whose label is claimed by another."""
    codes = [each.code for each in decision.reasons if each.code != MET]
    reasons = REASONS.reasons((*codes, LABEL_CLAIMED))
    return decision._replace(outcome="referred", reasons=reasons)
