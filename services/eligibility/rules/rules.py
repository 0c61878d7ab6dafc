"""Who may be funded, and how much. Pure: no I/O, no clock, no framework.

All reasons that apply are returned, not only the first. Their codes are in `reasons.toml`.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final, NamedTuple

from services.eligibility.rules.amounts import Amounts, amounts
from services.eligibility.rules.programme import Day, Phase, Programme, Shareholding, Terms
from services.eligibility.rules.repeat import NO_HISTORY, Days, History, about_repeat
from shared.clock import months_after
from shared.credit_codes import is_wrong_credit_code
from shared.events.eligibility import Outcome
from shared.events.intake import (
    Factory,
    FactoryProjectApplication,
    FundingApplication,
    NewTechnologyApplication,
    OrganisationSupportApplication,
    ResidentShareholding,
    Workshop,
)
from shared.identifiers import factory_key

# Reasons for refusal, and reasons for referral to a person; other reasons explain the grant.
REFUSALS: Final = frozenset(
    {
        "no-open-phase",
        "stream-not-in-phase",
        "workshop-gets-demonstration-only",
        "workshops-not-in-phase",
        "agreement-not-subsisting",
        "mainland-share-too-low",
        "hong-kong-share-too-low",
        "shares-of-different-persons",
        "factory-not-in-guangdong",
        "factory-not-in-hong-kong",
        "project-too-long",
        "not-a-trade-association",
        "organisation-not-in-hong-kong",
        "earlier-assessment-not-completed",
        "repeat-too-early",
        "repeat-work-too-early",
        "repeat-without-recommended-measure",
        "repeat-without-investment",
        "repeat-without-change",
    }
)
REFERRALS: Final = frozenset(
    {
        "phase-dates-not-set",
        "share-not-set",
        "ceiling-not-set",
        "industry-not-priority",
        "factory-number-missing",
        "credit-code-not-valid",
        "workshop-process-not-listed",
        "technology-not-listed",
        "earlier-assessment-not-in-record",
        "another-case-open",
        "quotations-missing",
        "amount-not-ruled",
    }
)
ABOUT_THE_GRANT: Final = frozenset({"share-not-set", "ceiling-not-set", "amount-not-ruled"})


class Evaluation(NamedTuple):
    """The outcome for one application. Reasons are codes, in a fixed order.

    `conditions` are the obligations that come with a grant, also as codes.
    """

    outcome: Outcome
    phase: str | None
    amounts: Amounts
    reasons: tuple[str, ...]
    conditions: tuple[str, ...] = ()

    @property
    def grant_cents(self) -> int | None:
        """The grant: 0 for a refusal, `None` while a person must rule."""
        if self.outcome == "eligible":
            return self.amounts.grant_cents
        return 0 if self.outcome == "ineligible" else None

    @property
    def indicative_grant_cents(self) -> int | None:
        """The grant that the terms suggest for a referred application, if they are known."""
        return self.amounts.grant_cents if self.outcome == "referred" else None


def decide(
    application: FundingApplication,
    received_on: date,
    programme: Programme,
    history: History = NO_HISTORY,
) -> Evaluation:
    """Decide by the terms of the day of receipt, whenever the application is processed."""
    day = programme.on(received_on)
    terms = day.terms.get(application.stream)
    inputs = amounts(application, terms)
    reasons = (
        *_about_day(day, terms),
        *_about_applicant(application, day.phase, programme),
        *_about_history(application, received_on, programme, history),
    )
    if terms is not None:
        reasons += (*_about_terms(application, terms, programme), *about_amounts(inputs))
    outcome = outcome_of(reasons)
    if outcome == "ineligible":  # a refusal names what failed, and nothing else
        reasons = tuple(each for each in reasons if each in REFUSALS)
    return Evaluation(
        outcome,
        day.phase.name if day.phase else None,
        inputs,
        reasons,
        () if outcome == "ineligible" else _conditions(terms),
    )


def _conditions(terms: Terms | None) -> tuple[str, ...]:
    return ("open-to-visitors",) if terms and terms.visits and terms.visits.at_least else ()


def outcome_of(reasons: tuple[str, ...]) -> Outcome:
    """Return the outcome of reasons: one refusal refuses, otherwise one open question refers."""
    if not REFUSALS.isdisjoint(reasons):
        return "ineligible"
    return "eligible" if REFERRALS.isdisjoint(reasons) else "referred"


def _about_day(day: Day, terms: Terms | None) -> Iterator[str]:
    if day.phase is None:
        yield "phase-dates-not-set" if day.is_uncertain else "no-open-phase"
    elif terms is None:
        yield "stream-not-in-phase"


def _about_applicant(
    application: FundingApplication, phase: Phase | None, programme: Programme
) -> Iterator[str]:
    if application.stream == "organisation-support":
        return _about_organisation(application)
    return _about_factory(application, phase, programme)


def _about_factory(
    application: FactoryProjectApplication | NewTechnologyApplication,
    phase: Phase | None,
    programme: Programme,
) -> Iterator[str]:
    connection, factory = application.connection, application.factory
    if factory.place != (place := _PLACE_OF[connection.ground]):
        yield f"factory-not-in-{place}"
    if connection.ground == "1d":
        yield from _about_shares(connection, programme.shareholding)
    elif connection.ground == "3":
        yield from _about_workshop(connection, application.stream, phase, programme)
    elif connection.ground == "1c" and not connection.agreement_subsists:
        yield "agreement-not-subsisting"
    if factory.industry == "other":
        yield "industry-not-priority"
    yield from _about_number(factory)


def _about_number(factory: Factory) -> Iterator[str]:
    key = factory_key(factory.registration_number)
    if not key:
        yield "factory-number-missing"
    elif factory.place == "guangdong" and is_wrong_credit_code(key):
        yield "credit-code-not-valid"


# The place of the factory by ground of connection.
_PLACE_OF: Final = {
    **dict.fromkeys(("1a", "1b", "1c", "1d"), "guangdong"),
    **dict.fromkeys(("2", "3"), "hong-kong"),
}


def _about_organisation(application: OrganisationSupportApplication) -> Iterator[str]:
    if application.organisation.kind != "trade-association":
        yield "not-a-trade-association"
    if not application.organisation.based_in_hong_kong:
        yield "organisation-not-in-hong-kong"


def _about_shares(connection: ResidentShareholding, limits: Shareholding) -> Iterator[str]:
    if connection.mainland_share_percent <= limits.mainland_above_percent:
        yield "mainland-share-too-low"
    if connection.hong_kong_share_percent < limits.hong_kong_from_percent:
        yield "hong-kong-share-too-low"
    if not connection.same_resident:
        yield "shares-of-different-persons"


def _about_workshop(
    connection: Workshop, stream: str, phase: Phase | None, programme: Programme
) -> Iterator[str]:
    if connection.processes == ("other",):
        yield "workshop-process-not-listed"
    if stream not in programme.workshops.streams:
        yield "workshop-gets-demonstration-only"
    if phase is not None and not programme.workshops.admitted_in(phase):
        yield "workshops-not-in-phase"


def _about_history(
    application: FundingApplication, received_on: date, programme: Programme, history: History
) -> Iterator[str]:
    if application.stream == "assessment":
        days = Days(received_on, application.project.starts_on)
        yield from about_repeat(application.repeat, history, days, programme.repeat)
    if history.other_open_cases >= programme.limits.open_cases_per_factory_and_stream.at_most:
        yield "another-case-open"


def _about_terms(
    application: FundingApplication, terms: Terms, programme: Programme
) -> Iterator[str]:
    project = application.project
    if terms.months_at_most is not None and project.ends_on > months_after(
        project.starts_on, terms.months_at_most
    ):
        yield "project-too-long"
    if application.stream == "new-technology" and not terms.lists(application.technology):
        yield "technology-not-listed"
    quotations = project.quotations
    if quotations is not None and quotations < programme.limits.quotations_needed(
        project.cost_cents
    ):
        yield "quotations-missing"


def about_amounts(of: Amounts) -> Iterator[str]:
    """Return the reasons that explain the grant, or what is missing to calculate it."""
    share_cents, ceiling_cents = of.share_cents, of.ceiling_cents
    if share_cents is None:
        yield "share-not-set"
    if ceiling_cents is None:
        yield "ceiling-not-set"
    elif share_cents is not None:
        yield "grant-is-share" if share_cents <= ceiling_cents else "grant-is-ceiling"
