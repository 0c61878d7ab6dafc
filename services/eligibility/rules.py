"""Who may be funded, and how much. Pure: no I/O, no clock, no framework.

Every reason that applies is found, not only the first. Codes are those of `reasons.toml`.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from services.eligibility.programme import Phase, Programme, Terms
from shared.events.eligibility import Outcome
from shared.events.intake import (
    Connection,
    FundingApplication,
    NewTechnologyApplication,
    OrganisationSupportApplication,
    ProcessingAgreement,
    ResidentShareholding,
    Workshop,
)

WORKSHOP_STREAMS: Final = frozenset({"demonstration", "demonstration-i", "demonstration-ii"})
MAINLAND_SHARE_ABOVE_PERCENT: Final = Decimal(50)  # more than half: 50 % itself fails (S11)
HONG_KONG_SHARE_FROM_PERCENT: Final = Decimal(30)  # 30 % itself passes (S11)

# What stops an application, and what only a person can settle; other reasons explain the grant.
REFUSALS: Final = frozenset(
    {
        "no-open-phase",
        "stream-not-in-phase",
        "workshop-gets-demonstration-only",
        "agreement-not-subsisting",
        "mainland-share-too-low",
        "hong-kong-share-too-low",
        "shares-of-different-persons",
        "factory-not-in-guangdong",
        "factory-not-in-hong-kong",
        "project-too-long",
        "not-a-trade-association",
        "organisation-not-in-hong-kong",
    }
)
REFERRALS: Final = frozenset(
    {
        "phase-dates-not-set",
        "share-not-set",
        "ceiling-not-set",
        "industry-not-priority",
        "workshop-process-not-listed",
        "technology-not-listed",
    }
)


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome for one application. Amounts in cents; reasons as codes, in a fixed order."""

    outcome: Outcome
    grant_cents: int | None
    indicative_grant_cents: int | None
    phase: str | None
    reasons: tuple[str, ...]


def decide(application: FundingApplication, received_on: date, programme: Programme) -> Decision:
    """Decide by the terms of the day of receipt, however late it is processed."""
    phase = programme.phase_on(received_on)
    terms = phase.terms(application.stream) if phase else None
    reasons = (
        *_about_phase(phase, terms, programme.is_uncertain(received_on)),
        *_about_applicant(application),
    )
    if terms is not None:
        reasons += (*_about_terms(application, terms),)
    outcome = _outcome(reasons)
    if outcome == "ineligible":  # a refusal does not speak of a grant
        reasons = tuple(each for each in reasons if each in REFUSALS | REFERRALS)
    amount = _grant_cents(application, terms)
    return Decision(
        outcome,
        {"eligible": amount, "ineligible": 0, "referred": None}[outcome],
        amount if outcome == "referred" else None,
        phase.name if phase else None,
        reasons,
    )


def _outcome(reasons: tuple[str, ...]) -> Outcome:
    if not REFUSALS.isdisjoint(reasons):
        return "ineligible"
    return "eligible" if REFERRALS.isdisjoint(reasons) else "referred"


def _about_phase(phase: Phase | None, terms: Terms | None, uncertain: bool) -> Iterator[str]:  # noqa: FBT001  # a fact, not a switch
    if phase is None:
        yield "phase-dates-not-set" if uncertain else "no-open-phase"
    elif terms is None:
        yield "stream-not-in-phase"


def _about_applicant(application: FundingApplication) -> Iterator[str]:
    if isinstance(application, OrganisationSupportApplication):
        if application.organisation.kind != "trade-association":
            yield "not-a-trade-association"
        if not application.organisation.based_in_hong_kong:
            yield "organisation-not-in-hong-kong"
        return
    yield from _about_place(application.connection.ground, application.factory.place)
    yield from _about_connection(application.connection)
    if isinstance(application.connection, Workshop) and application.stream not in WORKSHOP_STREAMS:
        yield "workshop-gets-demonstration-only"
    if application.factory.industry == "other":
        yield "industry-not-priority"


def _about_place(ground: str, place: str) -> Iterator[str]:
    if ground.startswith("1"):
        if place != "guangdong":
            yield "factory-not-in-guangdong"
    elif place != "hong-kong":
        yield "factory-not-in-hong-kong"


def _about_connection(connection: Connection) -> Iterator[str]:
    """Check the ground's own conditions (S11, S9, S10)."""
    match connection:
        case ProcessingAgreement(agreement_subsists=False):
            yield "agreement-not-subsisting"
        case ResidentShareholding():
            yield from _about_shares(connection)
        case Workshop(processes=("other",)):
            yield "workshop-process-not-listed"
        case _:
            pass


def _about_shares(connection: ResidentShareholding) -> Iterator[str]:
    if connection.mainland_share_percent <= MAINLAND_SHARE_ABOVE_PERCENT:
        yield "mainland-share-too-low"
    if connection.hong_kong_share_percent < HONG_KONG_SHARE_FROM_PERCENT:
        yield "hong-kong-share-too-low"
    if not connection.same_resident:
        yield "shares-of-different-persons"


def _about_terms(application: FundingApplication, terms: Terms) -> Iterator[str]:
    project = application.project
    if terms.months_at_most is not None and project.ends_on > months_after(
        project.starts_on, terms.months_at_most
    ):
        yield "project-too-long"
    if (
        isinstance(application, NewTechnologyApplication)
        and not application.technology.on_technology_list
    ):
        yield "technology-not-listed"
    yield from _about_amounts(application, terms)


def _about_amounts(application: FundingApplication, terms: Terms) -> Iterator[str]:
    if terms.share_percent is None:
        yield "share-not-set"
    if terms.ceiling_cents is None:
        yield "ceiling-not-set"
    if terms.share_percent is not None and terms.ceiling_cents is not None:
        share = _share_cents(application, terms.share_percent)
        yield (
            "grant-is-share" if share <= _ceiling_cents(application, terms) else "grant-is-ceiling"
        )


def _grant_cents(application: FundingApplication, terms: Terms | None) -> int | None:
    """The share of the cost up to the ceiling, rounded down to a whole cent."""
    if terms is None or terms.share_percent is None:
        return None
    return min(_share_cents(application, terms.share_percent), _ceiling_cents(application, terms))


def _share_cents(application: FundingApplication, share_percent: int) -> int:
    return application.project.cost_cents * share_percent // 100


def _ceiling_cents(application: FundingApplication, terms: Terms) -> int:
    ceiling = terms.ceiling_cents
    if isinstance(application, NewTechnologyApplication) and (
        application.technology.developed_by != "others"
    ):
        ceiling = terms.local_technology_ceiling_cents or ceiling
    return application.project.cost_cents if ceiling is None else ceiling


def months_after(day: date, months: int) -> date:
    """Find the same day some months later, or the month's last where it has no such day."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    if year > date.max.year:
        return date.max
    return date(year, month, min(day.day, monthrange(year, month)[1]))
