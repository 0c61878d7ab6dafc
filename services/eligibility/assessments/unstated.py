"""Which reasons a dry run leaves open, because a fact is not stated or not looked up. Pure."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from services.eligibility.assessments.questions import (
    Asked,
    AskedFactory,
    AskedFactoryProject,
    AskedNewTechnology,
    AskedOrganisationSupport,
    AskedProject,
    AskedTechnology,
)
from services.eligibility.rules.grounds import site_refusal
from services.eligibility.rules.programme import Programme, Terms
from services.eligibility.rules.rules import REFERRALS, REFUSALS
from shared.events.intake import Connection


class Unstated(NamedTuple):
    """A field that is not stated, by its JSON pointer, and the reasons that depend on it.

    The form asks for a `required` one, so it will be judged; what else a form does not state is
    not judged.
    """

    pointer: str
    required: bool
    reasons: tuple[str, ...]

    @property
    def may_change_outcome(self) -> bool:
        """Whether the outcome is open until the field is stated."""
        return self.required and not (REFUSALS | REFERRALS).isdisjoint(self.reasons)


_BY_HISTORY: Final = ("another-case-open",)
_BY_EARLIER_ASSESSMENTS: Final = (
    "earlier-assessment-not-completed",
    "earlier-assessment-not-in-record",
    "repeat-too-early",
    "repeat-work-too-early",
    "repeat-without-recommended-measure",
    "repeat-without-investment",
    "repeat-benefit-not-stated",
    "repeat-without-benefit",
    "repeat-without-change",
    "recognition-level-not-named",
    "recognition-already-held",
)
_FACTS_OF_GROUNDS: Final = {
    ("1a", "applicant_is_party"): "not-party-to-joint-venture",
    ("1b", "applicant_gives_capital"): "no-capital-from-applicant",
    ("1c", "applicant_is_party"): "not-party-to-agreement",
    ("1d", "holder_is_natural_person"): "holder-not-natural-person",
    ("1d", "holder_is_hong_kong_resident"): "holder-not-hong-kong-resident",
}
_ABOUT_COST: Final = ("grant-is-share", "grant-is-ceiling", "grant-is-sum-asked-for")


def without_history(asked: Asked) -> tuple[str, ...]:
    """Return the reasons that depend on the history of a factory, which is not looked up."""
    if isinstance(asked, AskedOrganisationSupport):
        return ()
    repeat = _BY_EARLIER_ASSESSMENTS if asked.stream == "assessment" else ()
    return (*_BY_HISTORY, *repeat)


def unstated(asked: Asked, terms: Terms | None, programme: Programme) -> tuple[Unstated, ...]:
    """Return the fields that are not stated, and that the rules would judge by these terms."""
    return (*_of_form(asked, terms, programme), *_of_options(asked, programme))


def _of_form(asked: Asked, terms: Terms | None, programme: Programme) -> Iterator[Unstated]:
    """Yield what the form asks for."""
    if not isinstance(asked, AskedOrganisationSupport):
        yield from _number(asked.factory)
    if terms is not None:
        yield from _by_terms(asked, terms, programme)


def _by_terms(asked: Asked, terms: Terms, programme: Programme) -> Iterator[Unstated]:
    if isinstance(asked, AskedNewTechnology):
        yield from _about_technology(asked.technology, terms)
    yield from _about_cost(asked.project, programme)
    if terms.months_at_most is not None:
        yield from _about_time(asked.project)


def _about_technology(technology: AskedTechnology, terms: Terms) -> Iterator[Unstated]:
    if technology.name is None and terms.technology_list is not None:
        yield _required("technology/name", "technology-not-listed")


def _about_time(project: AskedProject) -> Iterator[Unstated]:
    for name in ("starts_on", "ends_on"):
        if getattr(project, name) is None:
            yield _required(f"project/{name}", "project-too-long")


def _number(factory: AskedFactory) -> Iterator[Unstated]:
    if factory.registration_number is None and factory.place == "guangdong":
        yield _required("factory/registration_number", "credit-code-not-valid")


def _about_cost(project: AskedProject, programme: Programme) -> Iterator[Unstated]:
    if project.cost_cents is None:
        is_counted = project.quotations is not None and programme.limits.quotations
        yield _required(
            "project/cost_cents", *_ABOUT_COST, *(("quotations-missing",) if is_counted else ())
        )


def _of_options(asked: Asked, programme: Programme) -> Iterator[Unstated]:
    """Yield what a form may leave out."""
    if isinstance(asked, AskedFactoryProject | AskedNewTechnology):
        if asked.enterprise.business_registration_valid_until is None:
            name = "enterprise/business_registration_valid_until"
            yield _optional(name, "business-registration-expired")
        yield from _of_grounds(asked)
    project = asked.project
    if project.quotations is None and programme.limits.quotations:
        yield _optional("project/quotations", "quotations-missing")
    if project.requested_cents is None:
        yield _optional("project/requested_cents", "grant-is-sum-asked-for")
    if project.other_public_funding is None:
        yield _optional("project/other_public_funding", "other-public-funding")


def _of_grounds(asked: AskedFactoryProject | AskedNewTechnology) -> Iterator[Unstated]:
    yield from _of_ground("connection", asked.connection)
    for number, ground in enumerate(asked.further_grounds):
        yield from _of_ground(f"further_grounds/{number}", ground)
    grounds = (asked.connection, *asked.further_grounds)
    refusals = dict.fromkeys(site_refusal(each) for each in grounds)
    for name in ("owned_by", "operated_by"):
        if getattr(asked.factory, name) is None:
            yield _optional(f"factory/{name}", *refusals)


def _of_ground(place: str, ground: Connection) -> Iterator[Unstated]:
    for (name, fact), reason in _FACTS_OF_GROUNDS.items():
        if ground.ground == name and getattr(ground, fact) is None:
            yield _optional(f"{place}/{fact}", reason)


def _required(field: str, *reasons: str) -> Unstated:
    return Unstated(f"/application/{field}", required=True, reasons=reasons)


def _optional(field: str, *reasons: str) -> Unstated:
    return Unstated(f"/application/{field}", required=False, reasons=reasons)
