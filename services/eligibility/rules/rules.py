"""Who may be funded, and how much. Pure: no I/O, no clock, no framework.

All reasons that apply are returned, not only the first. Their codes are in `reasons.toml`.
"""

from collections.abc import Collection, Iterator
from datetime import date
from itertools import chain
from typing import Final, NamedTuple

from services.eligibility.rules.amounts import Amounts, amounts
from services.eligibility.rules.grounds import Circumstances, about_ground
from services.eligibility.rules.programme import Day, Phase, Programme, Terms
from services.eligibility.rules.repeat import NO_HISTORY, Days, History, about_repeat
from shared.clock import months_after
from shared.credit_codes import is_wrong_credit_code
from shared.events.eligibility import Outcome
from shared.events.intake import (
    Enterprise,
    Factory,
    FactoryProjectApplication,
    FundingApplication,
    NewTechnologyApplication,
    OrganisationSupportApplication,
)
from shared.identifiers import factory_key

# Reasons for refusal, and reasons for referral to a person; other reasons explain the grant.
REFUSALS: Final = frozenset(
    {
        "no-open-phase",
        "stream-not-in-phase",
        "business-registration-expired",
        "workshop-gets-demonstration-only",
        "workshops-not-in-phase",
        "agreement-not-subsisting",
        "not-party-to-agreement",
        "not-party-to-joint-venture",
        "no-capital-from-applicant",
        "mainland-share-too-low",
        "hong-kong-share-too-low",
        "shares-of-different-persons",
        "holder-not-natural-person",
        "holder-not-hong-kong-resident",
        "factory-not-in-guangdong",
        "factory-not-in-hong-kong",
        "site-not-of-joint-venture",
        "site-not-of-foreign-owned-enterprise",
        "site-not-of-mainland-enterprise",
        "site-not-of-applicant",
        "project-too-long",
        "not-a-trade-association",
        "organisation-not-in-hong-kong",
        "earlier-assessment-not-completed",
        "repeat-too-early",
        "repeat-work-too-early",
        "repeat-without-recommended-measure",
        "repeat-without-investment",
        "repeat-without-benefit",
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
        "other-public-funding",
        "repeat-benefit-not-stated",
        "recognition-level-not-named",
        "recognition-already-held",
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
        *_about_applicant(application, received_on, day.phase, programme),
        *_about_other_funding(application),
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


def _about_day(day: Day, terms: Terms | None) -> tuple[str, ...]:
    if day.phase is None:
        return ("phase-dates-not-set" if day.is_uncertain else "no-open-phase",)
    return ("stream-not-in-phase",) if terms is None else ()


def _about_applicant(
    application: FundingApplication, received_on: date, phase: Phase | None, programme: Programme
) -> Iterator[str]:
    if application.stream == "organisation-support":
        yield from _about_organisation(application)
        return
    yield from _about_enterprise(application.enterprise, received_on)
    yield from _about_grounds(application, phase, programme)
    if application.factory.industry == "other":
        yield "industry-not-priority"
    yield from _about_number(application.factory)


def _about_number(factory: Factory) -> tuple[str, ...]:
    key = factory_key(factory.registration_number)
    if not key:
        return ("factory-number-missing",)
    is_wrong = factory.place == "guangdong" and is_wrong_credit_code(key)
    return ("credit-code-not-valid",) if is_wrong else ()


def _about_enterprise(enterprise: Enterprise, received_on: date) -> tuple[str, ...]:
    valid_until = enterprise.business_registration_valid_until
    is_expired = valid_until is not None and valid_until < received_on
    return ("business-registration-expired",) if is_expired else ()


def _about_grounds(
    application: FactoryProjectApplication | NewTechnologyApplication,
    phase: Phase | None,
    programme: Programme,
) -> Collection[str]:
    """Return nothing if a ground holds, else the questions of one, else what fails in each."""
    given = Circumstances(application.factory, application.stream, phase, programme)
    if not application.further_grounds:
        return tuple(about_ground(application.connection, given))
    grounds = application.connection, *application.further_grounds
    judged = [tuple(about_ground(each, given)) for each in grounds]
    unrefused = [each for each in judged if REFUSALS.isdisjoint(each)]
    return min(unrefused, key=len) if unrefused else dict.fromkeys(chain.from_iterable(judged))


def _about_organisation(application: OrganisationSupportApplication) -> Iterator[str]:
    if application.organisation.kind != "trade-association":
        yield "not-a-trade-association"
    if not application.organisation.based_in_hong_kong:
        yield "organisation-not-in-hong-kong"


def _about_other_funding(application: FundingApplication) -> tuple[str, ...]:
    return ("other-public-funding",) if application.project.other_public_funding else ()


def _about_history(
    application: FundingApplication, received_on: date, programme: Programme, history: History
) -> Iterator[str]:
    claim = application.repeat if application.stream == "assessment" else None
    if claim is None and history is NO_HISTORY:
        return
    if application.stream == "assessment":
        days = Days(received_on, application.project.starts_on)
        yield from about_repeat(claim, history, days, programme.repeat)
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
        requested_cents = of.requested_cents
        if requested_cents is not None and requested_cents < min(share_cents, ceiling_cents):
            yield "grant-is-sum-asked-for"
        else:
            yield "grant-is-share" if share_cents <= ceiling_cents else "grant-is-ceiling"
